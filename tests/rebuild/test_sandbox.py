"""The sandbox holds: what a hostile process tries inside it, with the real bubblewrap."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from checks.rebuild import bubblewrap, sandbox
from checks.rebuild.limits import MIB, Limits
from checks.rebuild.sandbox import Run, Sandbox, SandboxError, SandboxUnavailable, find_sandbox
from checks.rebuild.tree import TooLarge
from checks.rebuild.unconfined import Unconfined

SMALL = Limits(
    wall_seconds=3.0,
    cpu_seconds=3,
    memory_bytes=512 * MIB,
    processes=32,
    file_bytes=4 * MIB,
    disk_bytes=16 * MIB,
    disk_files=500,
    output_bytes=64 * 1024,
)
ROOT = Path(bubblewrap.__file__).parents[2]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def python(box: Sandbox, work: Path) -> Callable[..., Run]:
    """Run a Python script inside, and hold the run to its wall time."""

    def run(script: str, *arguments: str, limits: Limits = SMALL) -> Run:
        began = time.monotonic()
        done = box.run([sys.executable, "-Sc", script, *arguments], work=work, limits=limits)
        assert time.monotonic() - began < limits.wall_seconds + 2
        return done

    return run


def living(marker: str) -> list[str]:
    """The processes of this machine whose command line holds `marker`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            pass
    return found


def test_interpreter_inside_is_ours(box: Sandbox, work: Path) -> None:
    run = box.run([sys.executable, "-c", "import sys; print(sys.version); print(sys.prefix)"], work=work)
    assert (run.exit_code, run.ended) == (0, "exited")
    assert run.output.decode() == f"{sys.version}\n{sys.prefix}\n"


def test_files_go_in_and_results_come_out(box: Sandbox, work: Path, tmp_path: Path) -> None:
    (work / "task").mkdir()
    (work / "task" / "in.txt").write_text("in")
    out = tmp_path / "out"
    out.mkdir()
    script = "mkdir -p made/deep; cat in.txt in.txt > made/deep/two; echo changed > in.txt; pwd; exit 7"
    run = box.run(["sh", "-c", script], work=work, cwd="task", results=["task/made", "task/none"], out=out)
    assert (run.exit_code, run.output) == (7, b"/rebuild/task\n")
    assert [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()] == ["task/made/deep/two"]
    assert (out / "task/made/deep/two").read_text() == "inin"
    assert (work / "task" / "in.txt").read_text() == "in"


def test_no_network(python: Callable[..., Run]) -> None:
    name = f"\0mlsd-{uuid.uuid4().hex}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(name)
        abstract.listen()
        run = python(
            "import socket, sys\n"
            "for family, address in ((socket.AF_INET, ('127.0.0.1', int(sys.argv[1]))),\n"
            "                        (socket.AF_UNIX, chr(0) + sys.argv[2]),\n"
            "                        (socket.AF_INET, ('169.254.169.254', 80)), (socket.AF_INET, ('8.8.8.8', 53))):\n"
            "    try: socket.socket(family).connect(address); print('connected', address)\n"
            "    except OSError as error: print('refused')\n",
            str(server.getsockname()[1]),
            name[1:],
        )
    assert run.output.decode().split() == ["refused"] * 4


def test_nothing_outside_can_be_written(box: Sandbox, work: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (shared / "file").write_text("ours")
    script = """
import os, sys
for place in ["/", "/dev", "/etc", "/usr", "/proc/sys/kernel/core_pattern", "/home", sys.prefix, sys.base_prefix,
              "/rebuild/shared", "/rebuild/shared/file"]:
    target = place if not os.path.isdir(place) else place + "/written"
    try: open(target, "a"); print("written", target)
    except OSError: pass
os.chmod("/rebuild/shared/file", 0o777)
"""
    run = box.run([sys.executable, "-Sc", script], work=work, read_only={shared: "shared"}, limits=SMALL)
    assert b"written" not in run.output
    assert b"PermissionError" in run.output or b"Read-only" in run.output
    assert [path.name for path in shared.iterdir()] == ["file"]
    assert (shared / "file").read_text() == "ours"


def test_nothing_of_ours_can_be_read(python: Callable[..., Run], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o644)
    run = python(
        "import os, sys\nfor path in sys.argv[2:]: print(os.path.exists(path))\n"
        "for top, folders, files in os.walk('/'):\n"
        "    if top in ('/usr', '/proc', sys.prefix, sys.argv[1]): folders.clear()\n"
        "    elif 'secret' in files or 'pyproject.toml' in files or '.bashrc' in files: print('found', top)\n",
        sys.prefix,
        str(secret),
        str(ROOT / "pyproject.toml"),
        str(ROOT / "checks"),
        str(Path.home() / ".bashrc"),
        "/etc/shadow",
        "/etc/hostname",
        "/sys",
        "/run",
    )
    assert run.output.decode().split() == ["False"] * 8


def test_environment_and_descriptors_are_clean(python: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANVAS_TOKEN", "hunter2")
    run = python(
        "import os\nprint(*sorted(os.environ))\nprint(os.environ['HOME'], os.getuid())\n"
        "print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])\n"
        "for process in filter(str.isdigit, os.listdir('/proc')):\n"
        "    for name in ('environ', 'cmdline'): print('hunt' + 'er2' in open(f'/proc/{process}/{name}').read())\n"
    )
    names, home, descriptors, *leaks = run.output.decode().splitlines()
    allowed = set(sandbox.environment({}, home="", temporary="")) | {"PWD", "LC_CTYPE"}
    assert set(names.split()) <= allowed
    assert (home, descriptors) == ("/home/learner 1000", "[0, 1, 2]")
    assert set(leaks) == {"False"}


def test_fork_bomb_ends(python: Callable[..., Run]) -> None:
    marker = uuid.uuid4().hex
    run = python("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", marker)
    # Where a control group counts the time of all its processes, a fast machine meets that limit first.
    assert run.ended in ("timeout", "cpu")
    assert not living(marker)


def test_number_of_processes_is_limited(python: Callable[..., Run]) -> None:
    run = python(
        "import os, time\ncount = 0\ntry:\n    while count < 1000:\n"
        "        if not os.fork(): time.sleep(60)\n        count += 1\nexcept OSError: print(count)"
    )
    assert run.ended == "exited"
    assert 1 < int(run.output) < SMALL.processes


def test_memory_bomb_ends(python: Callable[..., Run]) -> None:
    run = python("hoard = []\nwhile True: hoard.append(bytearray(16 << 20))")
    assert run.ended == "exited"
    assert run.exit_code != 0
    assert b"MemoryError" in run.output


def test_busy_loop_ends_at_the_processor_limit(python: Callable[..., Run]) -> None:
    limits = Limits(wall_seconds=20, cpu_seconds=1)
    run = python("while True: pass", limits=limits)
    # With a control group we end it; without one, the kernel does.
    assert run.ended == "cpu" or run.exit_code == 128 + signal.SIGKILL
    assert run.seconds < 15


def test_endless_output_is_cut(python: Callable[..., Run]) -> None:
    run = python("import os\nwhile True: os.write(1, b'y' * 100000)")
    assert (run.ended, run.exit_code) == ("output", None)
    assert run.output == b"y" * SMALL.output_bytes


def test_one_endless_line_on_the_way_out_is_cut(python: Callable[..., Run]) -> None:
    run = python("import os; os.write(1, b'y' * 65000); os.write(2, b'n' * 65000)")
    assert (run.ended, len(run.output)) == ("output", SMALL.output_bytes)


def test_disk_is_limited_in_total(python: Callable[..., Run]) -> None:
    run = python(
        "import os\ntotal = 0\n"
        "for place in ('/rebuild', '/tmp', '/dev/shm', '/home/learner', '/dev', '/', '/etc', '/dev/pts', '/home'):\n"
        "    for number in range(100):\n        try:\n"
        "            with open(f'{place}/{number}', 'wb', buffering=0) as file:\n"
        "                while file.tell() < 2 << 20: total += file.write(bytes(1 << 16))\n"
        "        except OSError: break\n"
        "print(total)"
    )
    assert SMALL.disk_bytes * 0.9 < int(run.output) <= SMALL.disk_bytes


def test_number_and_size_of_files_are_limited(python: Callable[..., Run]) -> None:
    many = python("for n in range(10000): open(f'/tmp/{n}', 'w')")
    assert b"No space left" in many.output
    large = python("open('/tmp/large', 'wb').write(bytes(5 << 20))")
    assert large.exit_code != 0


def test_daemon_that_holds_the_output_dies_at_once(python: Callable[..., Run]) -> None:
    marker = uuid.uuid4().hex
    run = python(
        "import os, signal, sys, time\nif os.fork(): print('parent', flush=True); time.sleep(0.3); os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
        "while True: open('/rebuild/alive', 'w').write('x'); time.sleep(0.01)",
        marker,
    )
    assert (run.exit_code, run.ended, run.output) == (0, "exited", b"parent\n")
    assert run.seconds < 2
    assert not living(marker)


def test_who_ignores_signals_ends_at_the_wall_time(python: Callable[..., Run]) -> None:
    marker = uuid.uuid4().hex
    run = python(
        "import os, signal, time\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\n"
        "os.close(1); os.close(2); time.sleep(60)",
        marker,
    )
    assert (run.ended, run.exit_code) == ("timeout", None)
    assert SMALL.wall_seconds <= run.seconds < SMALL.wall_seconds + 2
    assert not living(marker)


def test_killing_everything_in_sight_hurts_only_oneself(python: Callable[..., Run]) -> None:
    run = python(
        "import os; print(sorted(filter(str.isdigit, os.listdir('/proc')))[:2], flush=True)\n"
        "os.kill(1, 9); os.kill(os.getppid(), 15)"
    )
    assert run.output == b"['1', '2']\n"


def test_privileges_cannot_be_regained(box: Sandbox, work: Path) -> None:
    script = (
        "unshare --user true || echo refused; unshare --map-root-user --mount true || echo refused;"
        " bwrap --ro-bind / / true || echo refused; setpriv --reuid 0 true || echo refused;"
        " mount -t tmpfs none /tmp || echo refused; mount -o remount,rw / || echo refused;"
        " chroot / true || echo refused; mknod /tmp/disk b 254 0 || echo refused;"
        " cp /bin/sh /tmp/sh; chmod 6755 /tmp/sh; /tmp/sh -pc 'id -u';"
        " grep -E 'Cap(Prm|Eff|Bnd)|NoNewPrivs' /proc/self/status"
    )
    run = box.run(["sh", "-c", f"({script}) 2>/dev/null"], work=work, limits=SMALL)
    lines = run.output.decode().split()
    assert lines[:9] == ["refused"] * 8 + ["1000"]
    assert {line.strip("0") for line in lines[10:15:2]} == {""}
    assert lines[-2:] == ["NoNewPrivs:", "1"]


def test_results_follow_no_link(box: Sandbox, work: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_text("secret")
    script = (
        f"ln -s {secret}/file link; ln -s {secret} above;"
        f" mkdir dir; ln -s {secret}/file dir/link; mkfifo dir/pipe pipe;"
        " echo real > dir/real; chmod 000 dir/real; echo x > shut; chmod 000 shut; ln dir/real hard"
    )
    names = ["link", "above/file", "dir", "pipe", "hard", "missing/file", "dir/real/below"]
    run = box.run(["sh", "-c", script], work=work, results=names, out=out, limits=SMALL)
    assert run.ended == "exited"
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir() or path.is_symlink()}
    assert files <= {"dir/real", "hard"}


@pytest.mark.parametrize(
    "script",
    ["for n in $(seq 10); do truncate -s 4M $n; done", "d=d; for n in $(seq 80); do mkdir -p $d; d=$d/d; done"],
    ids=["sparse", "deep"],
)
def test_results_past_the_limits_are_not_taken(box: Sandbox, work: Path, tmp_path: Path, script: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    run = box.run(["sh", "-c", script], work=work, results=["."], out=out, limits=SMALL)
    assert run.ended == "results"


def test_a_link_in_the_work_folder_moves_no_mount(box: Sandbox, work: Path, tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir(mode=0o755)
    (tmp_path / "remote" / "object").write_text("object")
    (work / ".storage").symlink_to("/etc")
    run = box.run(["cat", ".storage/object"], work=work, read_only={tmp_path / "remote": ".storage"})
    assert run.output == b"object"
    (work / "above").symlink_to("/etc")
    with pytest.raises(SandboxError, match="above"):
        box.run(["true"], work=work, read_only={tmp_path / "remote": "above/x"})


@pytest.mark.parametrize("place", ["/etc", "../x", "a/../../x"])
def test_places_outside_are_refused(box: Sandbox, work: Path, tmp_path: Path, place: str) -> None:
    with pytest.raises(ValueError, match="not a path below"):
        box.run(["true"], work=work, read_only={tmp_path: place})
    with pytest.raises(ValueError, match="not a path below"):
        box.run(["true"], work=work, cwd=place)


def test_our_own_failures_are_errors(box: Sandbox, work: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="No such file"):
        box.run(["no-such-command"], work=work)
    with pytest.raises(SandboxError, match="none"):
        box.run(["true"], work=work, cwd="none")
    with pytest.raises(SandboxError, match="missing"):
        box.run(["true"], work=work, read_only={tmp_path / "missing": "missing"})
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SandboxError, match="link"):
        box.run(["true"], work=work, read_only={tmp_path / "link": "linked"})


@pytest.mark.skipif(os.getuid() != 0, reason="only root's files can be unreadable for the sandbox's user")
def test_a_source_that_the_user_inside_cannot_read_is_our_error(box: Sandbox, work: Path, tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir(mode=0o755)
    (tmp_path / "remote" / "object").touch(mode=0o600)
    with pytest.raises(SandboxError, match=r"cannot read .*object: chmod"):
        box.run(["true"], work=work, read_only={tmp_path / "remote": ".storage"})


@pytest.mark.parametrize("limits", [Limits(disk_bytes=MIB), Limits(disk_files=3)], ids=["bytes", "files"])
def test_work_past_the_limits_is_said_so(box: Sandbox, work: Path, limits: Limits) -> None:
    for number in range(4):
        (work / str(number)).write_bytes(bytes(300_000))
    with pytest.raises(TooLarge):
        box.run(["true"], work=work, limits=limits)


def test_work_with_a_strict_umask(box: Sandbox, work: Path) -> None:
    before = os.umask(0o077)
    try:
        (work / "file").write_text("ours")
        run = box.run(["sh", "-c", "cat file; umask"], work=work)
    finally:
        os.umask(before)
    assert run.output == b"ours0022\n"


def test_sandboxes_run_side_by_side(box: Sandbox, work: Path) -> None:
    script = "import os, time; print(os.fork() and os.getpid()); time.sleep(1)"
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: box.run([sys.executable, "-Sc", script], work=work, limits=SMALL), range(8)))
    assert {run.exit_code for run in runs} == {0}
    assert time.monotonic() - began < 6


@pytest.mark.usefixtures("box")
def test_sandbox_dies_with_its_grader(work: Path) -> None:
    marker = uuid.uuid4().hex
    script = (
        "import sys; from pathlib import Path; from checks.rebuild.sandbox import find_sandbox\n"
        f"command = [sys.executable, '-Sc', 'import time; time.sleep(60)', {marker!r}]\n"
        f"find_sandbox().run(command, work=Path({str(work)!r}))"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while len(living(marker)) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(living(marker)) >= 3
    finally:
        grader.kill()
        grader.wait()
    deadline = time.monotonic() + 3
    while living(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not living(marker)


def test_without_bubblewrap_the_reason_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap.unavailable.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match=r"^bubblewrap \(bwrap\) is not installed$"):
            find_sandbox()
    finally:
        bubblewrap.unavailable.cache_clear()


def test_where_bubblewrap_fails_it_is_unavailable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    bubblewrap.unavailable.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match="does not work here"):
            find_sandbox()
    finally:
        bubblewrap.unavailable.cache_clear()


def test_unconfined_runs_the_same_recipe(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANVAS_TOKEN", "hunter2")
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote" / "object").write_text("object")
    out = tmp_path / "out"
    out.mkdir()
    run = Unconfined().run(
        ["sh", "-c", "env; cat .storage/object > copy; rm .storage/object; exit 3"],
        work=work,
        read_only={tmp_path / "remote": ".storage"},
        results=["copy"],
        out=out,
    )
    assert (run.exit_code, run.ended) == (3, "exited")
    assert b"hunter2" not in run.output
    assert [path.name for path in out.iterdir()] == ["copy"]
    assert (tmp_path / "remote" / "object").exists()


def test_unconfined_ends_too(work: Path) -> None:
    marker = uuid.uuid4().hex
    began = time.monotonic()
    run = Unconfined().run(["sh", "-c", "trap '' TERM; sleep 60; sleep 60", marker], work=work, limits=SMALL)
    assert (run.ended, run.exit_code) == ("timeout", None)
    assert time.monotonic() - began < SMALL.wall_seconds + 2
    assert not living(marker)
    with pytest.raises(SandboxError, match="did not start"):
        Unconfined().run(["no-such-command"], work=work)
