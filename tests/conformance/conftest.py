"""A scratch server for the conformance tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.endpoint import Endpoint
from tests.conftest import serving


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with serving(tmp_path_factory.mktemp("none"), "--scratch") as address:
        yield Endpoint(address)
