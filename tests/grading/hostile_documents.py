"""Pointers, configurations and identities that no tool wrote (A15, A18, A20; billion laughs, wrong encodings)."""

from __future__ import annotations

import hashlib
import json

from tests.grading.ground import DATA, POINTER, TASK, Ground, attack, fails

CONFIG = f"{TASK}/.dvc/config"
LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MD5 = "0" * 32


def _committed_pointer(name: str, content: str | bytes, says: str) -> None:
    fails("track", says, f"pointer-{name}", lambda at: at.commit(POINTER, content))


_committed_pointer("with-billion-laughs", LAUGHS + "outs: *a11\n", "aliases expanded")
_committed_pointer("of-itself", "outs: &a [*a]\n", "rentals.csv.dvc")
_committed_pointer("with-100-000-brackets", "outs: " + "[" * 100_000, "nested levels")
_committed_pointer("with-100-000-dashes", "- " * 100_000 + "x", "nested levels")
_committed_pointer("that-runs-python", "outs: !!python/object/apply:os.system ['touch x']\n", "rentals.csv.dvc")
_committed_pointer("in-latin-1", "outs:\n- path: caf\xe9\n".encode("latin-1"), "rentals.csv.dvc")
_committed_pointer("in-binary", bytes(range(256)) * 20, "rentals.csv.dvc")
_committed_pointer("that-is-empty", b"", "where a mapping belongs")
_committed_pointer("that-is-a-list", "[1, 2]\n", "where a mapping belongs")
_committed_pointer("of-900-kb", f"outs:\n- md5: {'f' * 900_000}\n  path: rentals.csv\n", "rentals.csv.dvc")
_committed_pointer("of-2-mb", "#" * 2_000_000, "bytes")
_committed_pointer("with-260-000-values", "outs:\n" + "-\n" * 260_000, "rentals.csv.dvc")
_committed_pointer("with-a-tower-of-keys", "".join(f"{' ' * n}k:\n" for n in range(900)), "nested levels")
_committed_pointer(
    "whose-md5-is-a-list-of-long-texts",
    f"a: &a {'x' * 400_000}\nouts:\n- path: rentals.csv\n  md5: [{'*a, ' * 100_000}]\n",
    "rentals.csv.dvc",
)
_committed_pointer(
    "whose-folder-is-a-list-of-long-texts",
    f"a: &a {'x' * 400_000}\nwdir: [{'*a, ' * 100_000}]\nouts:\n- path: rentals.csv\n  md5: {MD5}\n",
    "rentals.csv.dvc",
)
_committed_pointer("with-a-number-without-end", f"outs:\n- size: 1{':59' * 200_000}\n", "rentals.csv.dvc")
_committed_pointer("with-escapes", f'outs:\n- md5: "\\e[2J\\u202e"\n  path: {DATA}\n', "which is no MD5")


@attack(step="restore", says="data/rentals.csv")
def pointer_to_outside(at: Ground) -> None:
    at.commit(POINTER, f"outs:\n- md5: {MD5}\n  size: 1\n  hash: md5\n  path: ../../../../outside/secret\n")


@attack(step="restore", says="data/rentals.csv")
def pipeline_that_runs_commands(at: Ground) -> None:
    at.commit(f"{TASK}/dvc.yaml", f"stages:\n  x:\n    cmd: {at.payload}\n    always_changed: true\n")
    (at.folder / DATA).unlink()


def _folder_pointer(at: Ground, listing: bytes) -> None:
    """`data` tracked as a folder, its listing of this content, in the remote and in the cache."""
    md5 = hashlib.md5(listing).hexdigest()
    for store in (".storage", f"{TASK}/.dvc/cache"):
        at.write(f"{store}/files/md5/{md5[:2]}/{md5[2:]}.dir", listing)
    at.git("rm", "--quiet", "--cached", POINTER)
    at.commit(f"{TASK}/data.dvc", f"outs:\n- md5: {md5}.dir\n  size: 1\n  nfiles: 1\n  hash: md5\n  path: data\n")


def _listing(name: str, listing: bytes, says: str) -> None:
    fails("track", says, f"listing-{name}", lambda at: _folder_pointer(at, listing))


_listing("of-100-000-files", json.dumps([{"md5": MD5, "relpath": f"{n}"} for n in range(100_000)]).encode(), "20,000")
_listing("with-100-000-brackets", b"[" * 100_000, ".dvc/cache")
_listing("of-a-million-lists", b"[" + b"[]," * 2_600_000 + b"[]]", ".dvc/cache")
_listing("of-20-mb", b" " * (20 << 20), "bytes")
_listing("of-a-long-number", b"1" * 500_000, ".dvc/cache")
_listing("that-is-no-text", b"\xff\xfe\x00[", ".dvc/cache")
_listing("with-a-number-as-md5", b'[{"md5": %s, "relpath": "rentals.csv"}]' % (b"1" * 32), ".dvc/cache")


@attack(step="track", says="listing")
def listing_that_leads_out(at: Ground) -> None:
    names = ("../../../../outside/secret", "/etc/passwd", "\x1b[2J", "\0", "x" * 100_000, "\ud800")
    _folder_pointer(at, json.dumps([{"md5": name, "relpath": name} for name in names]).encode())


def _config(name: str, content: str | bytes, says: str, step: str = "remote") -> None:
    fails(step, says, f"dvc-config-{name}", lambda at: at.commit(CONFIG, content))


_REMOTE = "[core]\n    remote = storage\n['remote \"storage\"']\n    url = {}\n"
_config("to-outside", _REMOTE.format("../../../../outside/other/.storage"), "a folder outside your clone")
_config("to-the-system", _REMOTE.format("/etc"), "a folder outside your clone")
_config("to-a-home", _REMOTE.format("~/x"), "a folder outside your clone")
_config("to-a-command", _REMOTE.format("ext::sh -c 'touch x'"), "the remote")
_config("to-a-server", _REMOTE.format("ssh://-oProxyCommand=touch%20x/y"), "not looked at from here")
_config("with-nul", _REMOTE.format("../../\0/../.storage"), "the remote")
_config("malformed", "[core\nremote = ", ".dvc/config", "track")
_config("that-is-no-text", b"\xff\xfe\x00\x01" * 100, ".dvc/config", "track")
_config("with-a-tower-of-sections", "".join(f"{'[' * n}a{']' * n}\n" for n in range(1, 900)), ".dvc/config", "track")
_config("with-a-slow-line", "[a" + " " * 200_000 + "x\n", ".dvc/config", "track")
_config("with-slow-lines", ("[a" + "] " * 400 + " " * 200 + "x\n") * 50, ".dvc/config", "track")
_config("with-a-slow-key", "a" + " " * 400_000 + "x\n", ".dvc/config", "track")
_config("of-900-kb", "".join(f"[s{n}]\na=1\n" for n in range(70_000)), ".dvc/config", "track")


def _learner(name: str, content: str | bytes, says: str = "learner.toml") -> None:
    fails("init", says, f"learner-{name}", lambda at: at.commit("learner.toml", content))


_learner("malformed", 'id = "ada\n')
_learner("that-is-no-text", b'id = "\xff\xfe"\n')
_learner("of-100-000-characters", f'id = "{"a" * 100_000}"\n', "at most 254 characters")
_learner("without-id", 'name = "x"\n', "no `id`")
_learner("with-a-number-as-id", f"id = 0x{'f' * 500_000}\n")
_learner("with-100-000-brackets", "id = " + "[" * 100_000)
_learner("with-100-000-dots", "a" + ".a" * 100_000 + ' = "x"\n', "dots")
_learner("of-2-mb", "#" * 2_000_000, "bytes")


def _stranger(name: str, learner_id: str, learner_name: str = '"x"') -> None:
    """An id with which somebody may live, whose data these are not."""
    content = f"id = {learner_id}\nname = {learner_name}\n"
    fails("track", "rentals.csv.dvc", f"learner-{name}", lambda at: at.commit("learner.toml", content))


_stranger("with-escapes", '"\\u001b[2J\\u001b]0;x\\u0007"', '"\\u001b[31m"')
_stranger("with-line-breaks", '"a\\n::error ::x\\r\\nb"')
_stranger("from-right-to-left", '"\\u202eada\\u2066"')
_stranger("like-a-formula", '\'=HYPERLINK("http://evil","x")\'', "'@SUM(A1)'")
_stranger("like-a-path", '"../../../etc/passwd"')
_stranger("with-a-number-as-name", '"eve"', f"0x{'f' * 500_000}")
_stranger("with-a-table-as-name", '"eve"', "{a = [1, 2]}")
