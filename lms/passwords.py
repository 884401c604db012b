"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two rounds, one lane (OWASP); with Django's 100 MiB a crowd at sign-in eats the memory."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
