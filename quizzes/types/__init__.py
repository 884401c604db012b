"""The types of question, a folder each; a further type is one more folder here and one for its templates.

quizzes/types/<type>/body.py       the typed body, a subclass of quizzes.types.base.Body (no Django)
quizzes/types/<type>/marking.py    its rule of marking, where it has one of its own (no Django)
quizzes/types/<type>/editor.py     its fields at the desk, a subclass of quizzes.types.editing.Editor
templates/quizzes/types/<type>/    player.html: the fields to answer in; review.html: what was given and what is right

quizzes.bodies finds them by their names. A folder inside this package that has a body.py is a type.
"""
