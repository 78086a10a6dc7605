"""The sandbox holds: what a hostile process tries inside it, for real, in each implementation.

Each run is said to have ended by what ended it.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.rebuild import sandbox
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Command, Run, Sandbox
from tests.rebuild.place import PATIENCE, SHORT, SMALL, Place, living

ROOT = Path(__file__).parents[2]


def test_no_network(python: Callable[..., Run]) -> None:
    abstract_name = f"\0mlsd-{uuid.uuid4().hex}"
    with (
        tempfile.TemporaryDirectory(prefix="mlsd-") as short,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        datagrams.bind(("127.0.0.1", 0))
        datagrams.setblocking(False)
        named_at = f"{short}/socket"
        for listener, address in ((abstract, abstract_name), (named, named_at)):
            listener.bind(address)
            listener.listen()
        Path(short).chmod(0o755)
        Path(named_at).chmod(0o777)
        run = python(
            "import socket, sys\n"
            "tcp, udp, abstract, named, engine = sys.argv[1:]\n"
            "for family, address in ((socket.AF_INET, ('127.0.0.1', int(tcp))), (socket.AF_UNIX, chr(0) + abstract),\n"
            "                        (socket.AF_UNIX, named), (socket.AF_UNIX, engine),\n"
            "                        (socket.AF_INET, ('169.254.169.254', 80)), (socket.AF_INET, ('8.8.8.8', 53))):\n"
            "    try: socket.socket(family).connect(address); print('connected', address)\n"
            "    except OSError as error: print('refused')\n"
            "for address in (('127.0.0.1', int(udp)), ('8.8.8.8', 53)):\n"
            "    try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'secret', address)\n"
            "    except OSError: pass\n",
            str(server.getsockname()[1]),
            str(datagrams.getsockname()[1]),
            abstract_name[1:],
            named_at,
            os.environ.get("DOCKER_HOST", "").removeprefix("unix://") or "/var/run/docker.sock",
        )
        with pytest.raises(BlockingIOError):
            datagrams.recv(100)
    assert run.output.decode().split() == ["refused"] * 6


def test_nothing_outside_can_be_written(place: Place, work: Path, out: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (shared / "file").write_text("ours")
    script = """
import os, sys
for place in ["/", "/dev", "/etc", "/usr", "/proc/sys/kernel/core_pattern", "/home", "/sys/fs/cgroup", "/var/tmp",
              sys.prefix, sys.base_prefix, "/rebuild/shared", "/rebuild/shared/file", *sys.argv[1:]]:
    target = place if not os.path.isdir(place) else place + "/written"
    try: open(target, "a"); print("written", target)
    except OSError: pass
for change in (lambda: os.rename("/rebuild/shared", "/rebuild/moved"), lambda: os.unlink("/rebuild/shared/file"),
               lambda: os.chmod("/rebuild/shared/file", 0o777)):
    try: change(); print("written")
    except OSError as error: print(error.strerror)
"""
    # Below /tmp, which is the sandbox's own inside, a clone of the course has its name there and nothing else.
    ours = [out] if ROOT.is_relative_to("/tmp") else [out, ROOT]
    command = [place.python, "-Sc", script, *map(str, ours)]
    run = place.sandbox.run(Command(command, work=work, read_only={shared: "shared"}, limits=SMALL))
    assert (run.exit_code, len(run.output.splitlines())) == (0, 3), run.last_lines()
    assert b"written" not in run.output
    assert [path.name for path in shared.iterdir()] == ["file"]
    assert (shared / "file").read_text() == "ours"
    assert not any(out.iterdir())
    assert not (ROOT / "written").exists()


def test_nothing_of_ours_can_be_read(place: Place, python: Callable[..., Run], tmp_path: Path) -> None:
    """Neither the home of whoever grades, nor the checks, nor another submission, which lies beside this one."""
    secret = tmp_path / f"secret-{uuid.uuid4().hex}"
    secret.write_text("secret")
    secret.chmod(0o644)
    (tmp_path / "other-submission").mkdir()
    absent = [secret, tmp_path / "other-submission", ROOT / "pyproject.toml", ROOT / "checks", Path.home() / ".bashrc"]
    if place.name == "bubblewrap":  # a container has its image's own
        absent += map(Path, ("/etc/shadow", "/etc/hostname", "/sys", "/run"))
    run = python(
        "import os, sys\nfor path in sys.argv[3:]: print(os.path.exists(path))\n"
        "for top, folders, files in os.walk('/'):\n"
        "    if top in ('/usr', '/proc', '/sys', sys.prefix, sys.argv[2]): folders.clear()\n"
        "    elif sys.argv[1] in files or 'pyproject.toml' in files: print('found', top)\n",
        secret.name,
        sys.prefix,
        *map(str, absent),
    )
    assert run.output.decode().split() == ["False"] * len(absent)


def test_environment_and_descriptors_are_clean(
    place: Place, python: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANVAS_TOKEN", "hunter2")
    run = python(
        "import os\nprint(*sorted(os.environ))\nprint(os.environ['HOME'], os.getuid(), os.getgroups() or [1000])\n"
        "print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])\n"
        "for process in filter(str.isdigit, os.listdir('/proc')):\n"
        "    for name in ('environ', 'cmdline'):\n"
        "        try: print('hunt' + 'er2' in open(f'/proc/{process}/{name}').read())\n"
        "        except OSError: print(False)\n"
    )
    names, who, descriptors, *leaks = run.output.decode().splitlines()
    allowed = set(sandbox.environment({}, home="", temporary="")) | {"PWD", "LC_CTYPE"}
    if place.name == "container":  # and the image's own
        allowed |= {"HOSTNAME", "PYTHON_VERSION", "PYTHON_SHA256", "GPG_KEY"}
    assert set(names.split()) <= allowed
    assert who.startswith("/home/learner 1000 ")
    assert "0" not in who.split()[2:]
    assert descriptors == "[0, 1, 2]"
    assert set(leaks) == {"False"}


def test_fork_bomb_ends(python: Callable[..., Run]) -> None:
    marker = uuid.uuid4().hex
    run = python("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", marker, limits=SHORT)
    # Where the time of all its processes is counted as one, a fast machine meets that limit first.
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
    run = python("while True: pass", limits=Limits(wall_seconds=600, cpu_seconds=1))
    # With a control group we end it; without one, the kernel does.
    assert run.ended == "cpu" or run.exit_code == 128 + signal.SIGKILL
    assert run.cpu_seconds < 60


def test_endless_output_is_cut(python: Callable[..., Run]) -> None:
    run = python("import os\nwhile True: os.write(1, b'y' * 100000)")
    assert (run.ended, run.exit_code) == ("output", None)
    assert run.output == b"y" * SMALL.output_bytes


def test_one_endless_line_on_the_way_out_is_cut(box: Sandbox, work: Path) -> None:
    code = "import os; os.write(1, b'y' * 65000); os.write(2, b'n' * 65000)"
    run = box.run(Command([sys.executable, "-Sc", code], work=work, limits=SMALL))
    assert (run.ended, len(run.output)) == ("output", SMALL.output_bytes)


def test_disk_is_limited_in_total(python: Callable[..., Run]) -> None:
    run = python(
        "import os\ntotal = 0\n"
        "for place in ('/rebuild', '/tmp', '/dev/shm', '/home/learner', '/dev', '/', '/etc', '/dev/pts', '/home',\n"
        "              '/dev/mqueue', '/run', '/run/lock', '/var/tmp', '/var/lock', '/sys/fs/cgroup'):\n"
        "    for number in range(100):\n        try:\n"
        "            with open(f'{place}/{number}', 'wb', buffering=0) as file:\n"
        "                while file.tell() < 2 << 20: total += file.write(bytes(1 << 16))\n"
        "        except OSError: break\n"
        "print(total)"
    )
    assert SMALL.disk_bytes * 0.9 < int(run.output) <= SMALL.disk_bytes


def test_number_and_size_of_files_are_limited(python: Callable[..., Run]) -> None:
    run = python(
        "import errno\n"
        "try: open('/tmp/large', 'wb').write(bytes(5 << 20))\nexcept OSError as error: print(errno.errorcode[error.errno])\n"
        "try:\n    for number in range(10000): open(f'/tmp/{number}', 'w')\nexcept OSError as error: print(number, error)"
    )
    large, many = run.output.decode().splitlines()
    assert large == "EFBIG"
    assert "No space left" in many
    assert int(many.split()[0]) <= SMALL.disk_files


def test_who_patches_the_result_later_is_dead_by_then(place: Place, work: Path, out: Path) -> None:
    """A daemon in a session of its own holds the output, ignores every signal, and writes on after its parent ended."""
    marker = uuid.uuid4().hex
    script = (
        "import os, signal, time\n"
        "if os.fork():\n    print('parent', flush=True); time.sleep(0.3); os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\n"
        "while True:\n    open('result', 'a').write('x'); time.sleep(0.01)"
    )
    command = [place.python, "-Sc", script, marker]
    run = place.sandbox.run(Command(command, work=work, results=["result"], out=out, limits=SMALL))
    assert not living(marker)
    assert (run.exit_code, run.ended, run.output) == (0, "exited", b"parent\n")
    assert run.seconds < SMALL.wall_seconds / 2
    written = (out / "result").read_bytes()
    assert set(written) == set(b"x")
    time.sleep(0.1)
    assert (out / "result").read_bytes() == written


def test_who_ignores_signals_ends_at_the_wall_time(python: Callable[..., Run]) -> None:
    marker = uuid.uuid4().hex
    run = python(
        "import os, signal, time\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\n"
        "os.close(1); os.close(2); time.sleep(600)",
        marker,
        limits=SHORT,
    )
    assert (run.ended, run.exit_code) == ("timeout", None)
    assert SHORT.wall_seconds <= run.seconds < SHORT.wall_seconds + PATIENCE
    assert not living(marker)


def test_killing_everything_in_sight_hurts_only_oneself(python: Callable[..., Run]) -> None:
    marker = uuid.uuid4().hex
    run = python(
        "import os\nprocesses = sorted(filter(str.isdigit, os.listdir('/proc')), key=int)\n"
        "print(processes[0], len(processes), flush=True)\n"
        "for n in (9, 19): os.kill(1, n)\n"
        "for process in processes[1:]:\n    if int(process) != os.getpid(): os.kill(int(process), 9)\n"
        "os.kill(os.getppid(), 15); os.kill(-1, 9); print('alive')",
        marker,
    )
    told = re.search(r"^(\d+) (\d+)$", run.output.decode(), re.MULTILINE)  # an engine may give the errors before it
    assert told, run.output
    assert (told[1], run.ended) == ("1", "exited")
    assert int(told[2]) < 4
    assert not living(marker)


def test_privileges_cannot_be_regained(place: Place, work: Path) -> None:
    script = """
import ctypes, os, shutil, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
USER, MOUNT, PROCESSES, NETWORK = 0x10000000, 0x00020000, 0x20000000, 0x40000000
attempts = {
    "user": lambda: libc.unshare(USER), "user and mount": lambda: libc.unshare(USER | MOUNT),
    "mount namespace": lambda: libc.unshare(MOUNT), "processes": lambda: libc.unshare(PROCESSES),
    "network": lambda: libc.unshare(NETWORK), "tmpfs": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "remount": lambda: libc.mount(None, b"/", None, 32, None), "unmount": lambda: libc.umount2(b"/proc", 2),
    "chroot": lambda: libc.chroot(b"/tmp"), "device": lambda: libc.mknod(b"/tmp/disk", 0o60666, 0xFE00),
    "root": lambda: libc.setuid(0), "group": lambda: libc.setgid(0), "groups": lambda: libc.setgroups(1, b"0000"),
    "give away": lambda: libc.chown(b"/rebuild", 0, 0), "hostname": lambda: libc.sethostname(b"x", 1),
    "clock": lambda: libc.settimeofday(ctypes.create_string_buffer(16), None),
    "priority": lambda: libc.setpriority(0, 0, -20),
}
for name, attempt in attempts.items():
    if attempt() == 0: print("succeeded:", name)
for helper in (["unshare", "--map-root-user", "true"], ["bwrap", "--ro-bind", "/", "/", "true"], ["su", "-c", "true"]):
    if shutil.which(helper[0]) and subprocess.run(helper, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
        print("succeeded:", helper)
shutil.copy("/bin/sh", "/tmp/sh"); os.chmod("/tmp/sh", 0o6755)
print(subprocess.run(["/tmp/sh", "-pc", "id -u"], capture_output=True, text=True).stdout.strip())
for line in open("/proc/self/status"):
    if line.startswith(("CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")): print(line.replace(chr(9), " "), end="")
"""
    run = place.script(script, work=work)
    lines = run.output.decode().splitlines()
    assert lines[0] == "1000", lines
    assert {line.split()[1].strip("0") for line in lines[1:-1]} == {""}
    assert lines[-1] == "NoNewPrivs: 1"
