"""The one exception for requests that cannot be carried out; its text is a sentence that says how to mend them."""


class RequestError(ValueError):
    """The request was wrong (bad hyperparameter, unknown claim, no such device); the command line exits with 2."""
