# SPDX-License-Identifier: EUPL-1.2
"""Pages of vouchers: of everybody, of who applies with a code, and a desk per role."""
