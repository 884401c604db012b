"""One letter of each kind there is, for tests that hold for all of them: a file beside this one for each, by its key.

Such a file has one function, `sample() -> tuple[User, datetime]`: it makes what a letter of its kind is about, and
answers who gets the letter and a moment from which on it is to be planned. Give what people write some teeth: signs
that HTML and mail heads must not take for their own.
"""
