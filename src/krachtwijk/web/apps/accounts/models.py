# SPDX-License-Identifier: EUPL-1.2
"""The user model, ours from the first migration on because it cannot be swapped later."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Someone who works in the system. Residents have no account."""
