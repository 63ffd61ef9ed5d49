# SPDX-License-Identifier: EUPL-1.2
"""Did it work, and did problems move: panels, rings, look-alikes, placebos, power and their errors. Pure arrays."""
