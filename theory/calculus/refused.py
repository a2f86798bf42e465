"""How a schema says no."""


class Refused(Exception):
    """What was given does not have the shape that the rule is about; the message says how to mend
    it.
    """
