# SPDX-License-Identifier: EUPL-1.2
"""Pages of consultations: of everybody, of who votes with a code, and the desk."""
