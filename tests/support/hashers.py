"""A password hash cheap enough for hundreds of test users, which the real office still understands."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 with the least work it admits. Its hashes name their own cost, so a real server can check them."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
