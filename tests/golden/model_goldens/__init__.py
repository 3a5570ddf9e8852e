# SPDX-License-Identifier: Apache-2.0
"""The parts of ../make_model_goldens.py."""
