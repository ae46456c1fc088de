"""Platforms: what a specifier means, its names, and what matches what."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.oci import platforms
from pyfrontend.oci.platforms import Platform, format_all, format_platform, normalize, parse

PART_RULE = 'platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument'
OS_RULE = (
    r'OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)'
    r'(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$": invalid argument'
)


@pytest.fixture(autouse=True)
def _on_linux_amd64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms, "_machine", lambda: "amd64")
    monkeypatch.setattr(platforms, "_system", lambda: "linux")


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/amd64", Platform("linux", "amd64")),
        ("Linux/X86_64", Platform("linux", "amd64")),
        ("linux/amd64/v1", Platform("linux", "amd64")),
        ("linux/amd64/v3", Platform("linux", "amd64", "v3")),
        ("linux/arm", Platform("linux", "arm")),
        ("linux/arm/v7", Platform("linux", "arm", "v7")),
        ("linux/arm/6", Platform("linux", "arm", "v6")),
        ("linux/armhf", Platform("linux", "arm")),
        ("linux/armel", Platform("linux", "arm", "v6")),
        ("linux/arm64", Platform("linux", "arm64")),
        ("linux/arm64/v8", Platform("linux", "arm64", "v8")),
        ("linux/aarch64/8", Platform("linux", "arm64", "v8")),
        ("linux/arm64/9", Platform("linux", "arm64", "v9")),
        ("linux/i386", Platform("linux", "386")),
        ("macos/arm64", Platform("darwin", "arm64")),
        ("Custom/Thing", Platform("custom", "thing")),
        ("linux", Platform("linux", "amd64")),
        ("windows", Platform("windows", "amd64")),
        ("arm64", Platform("linux", "arm64")),
        ("armhf", Platform("linux", "arm")),
        ("windows(10.0.17763)/amd64", Platform("windows", "amd64", "", "10.0.17763")),
        ("windows(10.0+b+a)/amd64", Platform("windows", "amd64", "", "10.0", ("b", "a"))),
        ("linux(+a)/amd64", Platform("linux", "amd64", "", "", ("a",))),
        ("linux()/amd64", Platform("linux", "amd64")),
        ("windows(1%2B2)/amd64", Platform("windows", "amd64", "", "1+2")),
    ],
)
def test_a_platform_is_read(text: str, platform: Platform) -> None:
    assert parse(text) == platform


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*/amd64", '"*/amd64": wildcards not yet supported: invalid argument'),
        ("foo", '"foo": unknown operating system or architecture: invalid argument'),
        ("a/b/c/d", '"a/b/c/d": cannot parse platform specifier: invalid argument'),
        (
            "linux/",
            f'"" is an invalid component of "linux/": {PART_RULE}',
        ),
        (
            "linux/a/b c/d/e",
            f'"b c" is an invalid component of "linux/a/b c/d/e": {PART_RULE}',
        ),
        *(
            (
                text,
                f'"{text.partition("/")[0]}" is an invalid OS component of "{text}": {OS_RULE}',
            )
            for text in (
                "",
                "/amd64",
                "linux(/amd64",
                "l\u00efnux/amd64",
                "linux(1)(2)/amd64",
                "linux(1+)/amd64",
                "lin.ux/a",
            )
        ),
        ("w(1%2)/x", '"w(1%2)/x" has an invalid OS version "1%2": invalid URL escape "%2"'),
        (
            "w(1+%zz)/x",
            '"w(1+%zz)/x" has invalid OS features: invalid os feature "%zz": invalid URL escape "%zz"',
        ),
    ],
)
def test_a_platform_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        (Platform("macOS", "AArch64", "v8"), Platform("darwin", "arm64")),
        (Platform("", "arm"), Platform("linux", "arm", "v7")),
        (Platform("linux", "armel", "v9"), Platform("linux", "arm", "v6")),
        (Platform("w", "x", "", "1", ("b", "a", "b")), Platform("w", "x", "", "1", ("a", "b"))),
    ],
)
def test_a_platform_is_normalised(platform: Platform, expected: Platform) -> None:
    assert normalize(platform) == expected


@pytest.mark.parametrize(
    ("platform", "short", "full"),
    [
        (Platform("linux", "amd64"), "linux/amd64", "linux/amd64"),
        (Platform("linux", "arm", "v7"), "linux/arm/v7", "linux/arm/v7"),
        (Platform("linux", ""), "linux", "linux"),
        (Platform("", "amd64"), "unknown", "unknown"),
        (
            Platform("windows", "amd64", "", "10.0", ("b", "", "a", "b")),
            "windows/amd64",
            "windows(10.0+a+b)/amd64",
        ),
        (Platform("windows", "amd64", "", "(1/%+)"), "windows/amd64", "windows(%281%2F%25%2B%29)/amd64"),
        (Platform("linux", "..", "x"), "x", "x"),
    ],
)
def test_a_platform_is_written(platform: Platform, short: str, full: str) -> None:
    assert (format_platform(platform), format_all(platform)) == (short, full)


def test_the_default_is_normalised() -> None:
    assert platforms.default() == Platform("linux", "amd64")


@given(st.text() | st.text("linuxarmv78/()+%._-"))
def test_any_text_is_a_platform_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        platform = parse(text)
        once = normalize(platform)
        assert normalize(once) == once
