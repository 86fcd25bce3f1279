"""What is credited to a personal account, to the fen; nothing where any part is not known.

``templates/assets/huaru.js`` is the same in JavaScript; both pass the same cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from sitegen.model import Condition, Resolved, Scalar, State
from sitegen.resolve import Person, lookup, value_for

DEDUCTIONS = (
    "account.retiree.deduction.illness",
    "account.retiree.deduction.care",
    "account.retiree.deduction.outpatient",
)

ACTIVE_DEDUCTIONS = (
    "account.active.deduction.care",
    "account.active.deduction.illness",
)

# What each of the two calculations asks for.
RETIREE = (
    "account.retiree.amount",
    "account.retiree.ratio",
    "account.retiree.floor",
    "account.retiree.cap",
    *DEDUCTIONS,
    "account.retiree.deduction.care_rate",
)
ACTIVE = (
    "account.active.amount",
    "account.active.rate",
    "account.active.employer_rate",
    "account.active.deduction.care_rate",
    *ACTIVE_DEDUCTIONS,
)


def is_settled(resolved: Resolved) -> bool:
    """Whether a deduction, a floor or a cap leaves nothing open.

    Its figure is known, or the rule has none, or nobody ever heard of one.
    """
    return resolved.state in (State.KNOWN, State.NONE) or resolved.entry is None


def to_fen(yuan: Decimal) -> int:
    """Yuan as whole fen, half up: the only rounding of money in the project."""
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share_of(base_yuan: Decimal, share: Decimal) -> int:
    """``share`` (0–1) of ``base_yuan``, in fen, half up."""
    return to_fen(base_yuan * share)


def retiree_credit(values: Mapping[str, Resolved], person: Person) -> tuple[int, int] | None:
    """What is credited to a retiree, in fen before and after deductions.

    Per month or per year, as the rule states the amount. From a published amount; else from
    the share of the person's own pension (``person["pension"]``, yuan a month), within the
    floor and the cap. A net amount that the source prints stands; else deductions of the
    same period are taken off. ``None`` where the rule is unknown, disputed, described,
    unverified, or a share of a figure that is not known: an amount that an authority fixes
    is never worked out here (湖南: 2 % would give 73.50, announced are 75).
    """
    amount = values["account.retiree.amount"]
    gross: Scalar | Condition | None
    if amount.state is State.KNOWN and amount.entry:
        entry = amount.entry
        row = lookup(entry.value, person) if isinstance(entry.value, tuple) else None
        gross, per = value_for(entry.value, person), entry.per
        printed = row.net if row else entry.net
    elif amount.state is State.UNKNOWN:
        gross, per, printed = _own_share(values, person), "month", None
    else:
        return None
    if not isinstance(gross, Decimal):
        return None
    if printed is not None:
        return to_fen(gross), to_fen(printed)
    taken = _deducted(values, person, per)
    return None if taken is None else (to_fen(gross), to_fen(gross) - taken)


def active_credit(values: Mapping[str, Resolved], person: Person) -> tuple[int, int] | None:
    """What is credited to an employee a month, in fen before and after deductions.

    The share of the person's own contribution base (``person["base"]``, yuan a month).
    ``None`` where any part is unknown, disputed, described or unverified, where an amount is
    fixed for all, and where the employer's premium adds to it: that is not known of a person.
    """
    amount, rate = values["account.active.amount"], values["account.active.rate"]
    care = values["account.active.deduction.care_rate"]
    employer = values["account.active.employer_rate"]
    base = person.get("base")
    if not is_settled(employer) or employer.state is State.KNOWN or not is_settled(care):
        return None
    taken = _deducted(values, person, "month", ACTIVE_DEDUCTIONS)
    if taken is None:
        return None
    if amount.state is not State.UNKNOWN or rate.state is not State.KNOWN or not rate.entry:
        return None
    row = lookup(rate.entry.value, person) if isinstance(rate.entry.value, tuple) else None
    share = row.value if row else rate.entry.value
    of = (row.base if row else None) or rate.entry.base
    if not of or of.of != "own_contribution_base" or rate.entry.rounding:
        return None
    if not isinstance(share, Decimal) or not isinstance(base, Decimal):
        return None
    if care.state is State.KNOWN and care.entry:
        part = value_for(care.entry.value, person)
        if not isinstance(part, Decimal):
            return None
        taken += share_of(base, part)
    gross_fen = share_of(base, share)
    return gross_fen, gross_fen - taken


def _deducted(
    values: Mapping[str, Resolved], person: Person, per: str, ids: tuple[str, ...] = DEDUCTIONS
) -> int | None:
    """All deductions of a period in fen, ``None`` where one of them is not settled."""
    total = 0
    for id in ids:
        deduction = values[id]
        if not is_settled(deduction):
            return None
        if deduction.state is State.KNOWN and deduction.entry and deduction.entry.per == per:
            taken = value_for(deduction.entry.value, person)
            total += to_fen(taken) if isinstance(taken, Decimal) else 0
    return total


def _own_share(values: Mapping[str, Resolved], person: Person) -> Decimal | None:
    ratio = values["account.retiree.ratio"]
    entry, pension = ratio.entry, person.get("pension")
    if ratio.state is not State.KNOWN or entry is None or not isinstance(pension, Decimal):
        return None
    row = lookup(entry.value, person) if isinstance(entry.value, tuple) else None
    share = row.value if row else entry.value
    base = (row.base if row else None) or entry.base
    care = values["account.retiree.deduction.care_rate"]
    if not is_settled(care) or care.state is State.KNOWN:
        return None
    if entry.rounding or not isinstance(share, Decimal) or not base or base.of != "own_pension":
        return None
    if base.floor is not None:
        if base.floor.yuan is None:
            return None
        pension = max(pension, base.floor.yuan)
    amount = Decimal(share_of(pension, share)) / 100
    for id, limit in (("account.retiree.floor", max), ("account.retiree.cap", min)):
        bound = values[id]
        if not is_settled(bound):
            return None
        if bound.state is State.KNOWN and bound.entry:
            edge = value_for(bound.entry.value, person)
            if bound.entry.per != "month" or not isinstance(edge, Decimal):
                return None
            amount = limit(amount, edge)
    return amount
