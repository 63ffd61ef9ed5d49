# SPDX-License-Identifier: EUPL-1.2
"""Early warning: which scores may fall, how sure that is, and how often such warnings were right before."""
