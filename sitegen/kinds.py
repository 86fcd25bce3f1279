"""What a change of a rule can be, for the command line and for content/changes.yaml alike."""

# A rule that is new, our own mistake, something found late, something dropped.
CHANGE_KINDS = ("新规定", "更正", "补上", "撤下")
