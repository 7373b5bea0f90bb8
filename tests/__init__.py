"""Tests, in the folders of what they are about."""

import pytest

# The helpers assert too: a failure there says what it compared.
pytest.register_assert_rewrite("tests.support")
