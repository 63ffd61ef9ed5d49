# SPDX-License-Identifier: EUPL-1.2
"""The user model, ours from the first migration on because it cannot be swapped later; for which municipality a role is
held; how often something was tried; and what somebody has for the second step of logging in."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Someone who works in the system. Residents have no account."""


class Attempts(models.Model):
    """How often something was tried lately (`web/limits.py`). ``key`` is a keyed hash of what is counted."""

    key = models.CharField(max_length=64, primary_key=True)
    #: part of the period, by its number since 1970 → how many
    counts = models.JSONField(default=dict)
    #: seconds since 1970 after which the row says nothing any more
    until = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.counts}"


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


class SecurityKey(models.Model):
    """A key that somebody plugs in or holds near (WebAuthn); of it we keep what checks its signature, no secret."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_keys")
    name = models.CharField(max_length=40)
    #: base64url, as the browser names it
    credential = models.CharField(max_length=1400, unique=True)
    #: base64url of the attested credential: its id and its public key (COSE)
    public = models.TextField()
    #: how often the key signed, as it last said; 0 where it does not count
    signed = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("made_at", "id")
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="accounts_key_name"),)

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """By which name a provider (OpenID Connect) knows somebody who has an account here."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="identity")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="accounts_identity_subject"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.issuer}"


class RoleArea(models.Model):
    """For which municipality somebody holds a role (`permissions.LOCAL`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_areas")
    role = models.CharField(max_length=30)
    #: code of the municipality, as GM0363
    area = models.CharField(max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "role", "area"), name="accounts_role_area"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.area}"
