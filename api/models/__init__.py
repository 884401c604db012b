from api.models.token import Token

__all__ = ["Token"]
