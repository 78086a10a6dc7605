"""Specs: what they accept, what they leave open, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.conda.package import DEFAULTS, Package, channel_name, package_of
from checks.evidence.conda.spec import Pin, parse_spec
from checks.expect import Malformed

URL = "https://conda.anaconda.org/conda-forge/linux-64/"


def package(name: str) -> Package:
    found = package_of(f"{URL}{name}.conda")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "pin", "version"),
    [
        ("numpy=2.3.5", Pin.EXACT, "2.3.5"),
        ("numpy==2.3.5", Pin.EXACT, "2.3.5"),
        ("numpy ==2.3.5", Pin.EXACT, "2.3.5"),
        ("numpy = 2.3.5", Pin.EXACT, "2.3.5"),
        ("numpy 2.3.5", Pin.EXACT, "2.3.5"),
        ("numpy=2.3.5=py311_0", Pin.EXACT, "2.3.5"),
        ("numpy 2.3.5 py311_0", Pin.EXACT, "2.3.5"),
        ("conda-forge::numpy=2.3.5", Pin.EXACT, "2.3.5"),
        ("conda-forge/linux-64::numpy==2.3.5", Pin.EXACT, "2.3.5"),
        ("pip==25.3", Pin.EXACT, "25.3"),
        ("pip=25.3", Pin.SHORT, "25.3"),
        ("python=3.11", Pin.SHORT, "3.11"),
        ("python=3.11.*", Pin.SHORT, "3.11"),
        ("numpy=2.*", Pin.SHORT, "2"),
        ("numpy==2.*", Pin.SHORT, "2"),
        ("tzdata=2025b", Pin.SHORT, "2025b"),
        ("numpy", Pin.LOOSE, None),
        ("numpy>=2", Pin.LOOSE, None),
        ("numpy>=2.3.5,<=2.3.5", Pin.LOOSE, None),
        ("numpy=2.3.5|2.2.6", Pin.LOOSE, None),
        ("numpy!=2.3.5", Pin.LOOSE, None),
        ("numpy~=2.3.5", Pin.LOOSE, None),
    ],
)
def test_what_a_spec_leaves_open(text: str, pin: Pin, version: str | None) -> None:
    spec = parse_spec(text, "environment.yml")
    assert (spec.pin, spec.version) == (pin, version)


@pytest.mark.parametrize(
    ("text", "found", "accepted"),
    [
        ("numpy=2.3.5", "numpy-2.3.5-py311_0", True),
        ("NumPy=2.3.5", "numpy-2.3.5-py311_0", True),
        ("numpy=2.3.5", "numpy-2.3.50-py311_0", False),
        ("numpy==2.3", "numpy-2.3.5-py311_0", False),
        ("numpy=2.3", "numpy-2.3.5-py311_0", True),
        ("numpy=2.3.5=py311*", "numpy-2.3.5-py311_0", True),
        ("numpy=2.3.5=py312_0", "numpy-2.3.5-py311_0", False),
        ("numpy=2.3.5", "scipy-2.3.5-py311_0", False),
        ("conda-forge::numpy=2.3.5", "numpy-2.3.5-py311_0", True),
        ("bioconda::numpy=2.3.5", "numpy-2.3.5-py311_0", False),
    ],
)
def test_what_a_spec_accepts(text: str, found: str, accepted: bool) -> None:
    assert parse_spec(text, "environment.yml").accepts(package(found)) is accepted


@pytest.mark.parametrize(
    "text",
    ["", "-x", "--file x", "*", "./x", "numpy=", "git+https://example.org/x", "x" * 3000, "nümpy", "a\nb", "numpy\0"],
)
def test_what_is_no_spec_is_named(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_spec(text, "environment.yml")
    assert caught.value.looked_at == "environment.yml"


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("conda-forge", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge/label/main", "conda-forge"),
        ("https://mirror.example.org/conda/conda-forge/", "conda-forge"),
        ("file:///srv/channels/conda-forge", "conda-forge"),
        ("defaults", DEFAULTS),
        ("main", DEFAULTS),
        ("anaconda", DEFAULTS),
        ("pkgs/main", DEFAULTS),
        ("https://repo.anaconda.com/pkgs/r", DEFAULTS),
        ("nodefaults", "nodefaults"),
    ],
)
def test_names_of_channels(channel: str, name: str) -> None:
    assert channel_name(channel) == name


SPECS = st.one_of(
    st.text(max_size=60),
    st.text("numpy=<>!~|,.*[]'\":/ 0123456789-_", max_size=40),
    st.lists(
        st.sampled_from(["numpy", "=", "==", "2.3", "*", "[", "]", "version=", "'", "::", " ", "|", "^", "$"])
    ).map("".join),
)


@given(SPECS)
def test_any_text_gives_a_spec_or_a_failure(text: str) -> None:
    with contextlib.suppress(Malformed):
        spec = parse_spec(text, "environment.yml")
        assert spec.accepts(package("numpy-2.3.5-py311_0")) in (True, False)


@given(st.text(max_size=80))
def test_any_address_gives_a_package_or_none(url: str) -> None:
    channel_name(url)
    found = package_of(url)
    assert found is None or found.channel
