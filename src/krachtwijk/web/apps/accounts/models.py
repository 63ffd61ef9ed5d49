# SPDX-License-Identifier: EUPL-1.2
"""The user model, ours from the first migration on because it cannot be swapped later; and attempts to log in."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Someone who works in the system. Residents have no account."""


class LoginAttempt(models.Model):
    """One attempt to log in that did not succeed (yet). ``account`` is a keyed hash of the name that was typed."""

    account = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.account[:8]} {self.at}"


class SecondFactor(models.Model):
    """A secret that an app makes codes from (`second_factor.py`); confirmed once its first code was right."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="second_factors")
    #: sealed with the key of the installation
    secret = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    #: the half minute of the last code that was taken; no code of it or before it is taken again
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at}"
