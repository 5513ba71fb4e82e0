# SPDX-License-Identifier: GPL-3.0-or-later
"""A class on many machines, and on platforms: what scripts/class has and docs/grading.md tells, with
the scheduler itself where it is here, and with the test in the part of the platform."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

from ipclab import ROOT, is_sanitized, program
from sessions import RIGHT, TWO

CLASS = os.path.join(ROOT, "scripts", "class")
TABLES = "csv,failed,flags,summary,tasks,junit"
NO_NAMESPACES = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "--keep-caps", "sh", "-c",
                 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps -all --inh-caps -all -- "$@"', "sh"]  # fmt: skip



def start(lab, *argv, env=None, timeout=100, cwd=None):
    """Another program than ours, with ours on its PATH; its end, and all that it printed in one."""
    env = lab.environment({"IPCLAB": program(), "MAKEFLAGS": "", **(env or {})})
    env["PATH"] = os.path.dirname(program()) + ":" + env["PATH"]
    return subprocess.run(argv, env=env, cwd=cwd or lab.path("work"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout, check=False, encoding="utf-8")  # fmt: skip


def sh(lab, *argv, status=0, **more):
    r = start(lab, *argv, **more)
    assert r.returncode == status, (argv, r.returncode, r.stdout)
    return r.stdout


def needs(*names):
    missing = [n for n in names if not shutil.which(n)]
    return pytest.mark.skipif(bool(missing), reason="needs " + ", ".join(missing))


def session(lab, lines, trace, *options):
    lab.call("run", "-k", "--world", "sealed", "--trace", trace, *options, lab.path("work", "two.lua"),
             stdin="\n".join(lines) + "\n")  # fmt: skip
    return trace


@pytest.fixture
def traces(lab):
    """Eleven students: right, half, nothing, twice the same, junk, cut off."""
    lab.write("two.lua", TWO)
    folder = lab.path("work", "traces")
    os.mkdir(folder)
    for i in range(9):
        lines = [f"a n = {1000 + i}", *RIGHT][: 1 + i % 3]
        session(lab, lines, os.path.join(folder, f"s{i}.trace"))
    shutil.copy(os.path.join(folder, "s5.trace"), os.path.join(folder, "s9.trace"))
    with open(os.path.join(folder, "s10.trace"), "wb") as f:
        f.write(b"\0\1\2junk")
    with open(os.path.join(folder, "s8.trace"), "r+b") as f:
        f.truncate(os.path.getsize(f.name) - 40)
    return folder


def files(lab, *folder):
    """All below a folder: what is in it, and when it was written."""
    found = {}
    for base, _, names in os.walk(lab.path("work", *folder)):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, lab.path("work", *folder))] = (os.stat(path).st_mtime_ns, f.read())
    return found


def tables(lab, out):
    """Those of the class, made of the reports alone."""
    lab.call("grade", "--out", out, "--format", TABLES).ok()
    found = {name: data for name, (_, data) in files(lab, out).items() if "/" not in name}
    assert len(found) == 6
    found["junit.xml"] = re.sub(rb' time="[0-9.]+"', b"", found["junit.xml"])
    return found


@pytest.fixture
def whole(lab, traces):
    """The tables when one machine has graded all."""
    lab.call("grade", "traces", "--lab", lab.path("work", "two.lua"), "--out", "whole", timeout=100).ok()
    found = tables(lab, "whole")
    assert b"s9" in found["flags.txt"] and b"s10" in found["grades.csv"]
    return found


# ---- GNU parallel --------------------------------------------------------------------------------


def documented(word):
    """The line of docs/grading.md that has this word."""
    with open(f"{ROOT}/docs/grading.md", encoding="utf-8") as f:
        (line,) = [x.strip() for x in f if x.startswith("    ") and word in x]
    return line


@needs("parallel")
def test_parallel(lab, whole):
    line = documented("parallel").replace("shm-guided", "two.lua")
    sh(lab, "sh", "-c", line)
    assert tables(lab, "OUT") == whole
    before = files(lab, "OUT")
    sh(lab, "sh", "-c", line)
    assert files(lab, "OUT") == before, "nothing is graded twice"


# ---- Slurm ---------------------------------------------------------------------------------------

CONF = """ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=lab Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(n):
    with contextlib.ExitStack() as stack:
        all_of_them = [stack.enter_context(socket.socket()) for _ in range(n)]
        for s in all_of_them:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in all_of_them]


@pytest.fixture
def slurm(lab, tmp_path_factory):
    """A cluster of one node; returns what submits to it: its output."""
    folder = str(tmp_path_factory.mktemp("slurm"))
    host, user = socket.gethostname().split(".")[0], subprocess.check_output(["id", "-un"], text=True).strip()
    for name in ("state", "spool", "munge"):
        os.mkdir(os.path.join(folder, name), 0o700)
    with open(f"{folder}/munge/key", "wb", opener=lambda p, flags: os.open(p, flags, 0o400)) as f:
        f.write(os.urandom(1024))
    with open(f"{folder}/slurm.conf", "w", encoding="utf-8") as f:
        f.write(CONF.format(host=host, user=user, folder=folder, ports=free_ports(2)))
    env = {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf"}
    with contextlib.ExitStack() as stack:

        def daemon(*argv):
            log = stack.enter_context(open(f"{folder}/{os.path.basename(argv[0])}.log", "wb"))
            p = subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)
            stack.callback(p.wait, 30)
            stack.callback(p.terminate)

        def wait(argv, wanted):
            end = time.monotonic() + 60
            while time.monotonic() < end:
                r = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
                if wanted in r.stdout.split():
                    return
                time.sleep(0.05)
            logs = [open(f"{folder}/{n}", encoding="utf-8").read() for n in os.listdir(folder) if n.endswith(".log")]
            raise AssertionError(f"{argv}: {r}\n" + "\n".join(logs))

        daemon("munged", "-F", "--force", f"--key-file={folder}/munge/key", f"--socket={folder}/munge.sock",
              f"--pid-file={folder}/munge/pid", f"--log-file={folder}/munge/log", f"--seed-file={folder}/munge/seed")  # fmt: skip
        wait(["sh", "-c", f"test -S {folder}/munge.sock && echo there"], "there")
        daemon("slurmctld", "-D", "-c", "-f", f"{folder}/slurm.conf")
        daemon("slurmd", "-D", "-c", "-f", f"{folder}/slurm.conf")
        wait(["sinfo", "-h", "-o", "%t"], "idle")

        def submit(*args, status=0):
            return sh(lab, "sbatch", "--wait", f"--output={folder}/task-%a.out", *args, status=status,
                      env={"SLURM_CONF": f"{folder}/slurm.conf"})  # fmt: skip

        submit.said = lambda task: open(f"{folder}/task-{task}.out", encoding="utf-8").read()
        yield submit


@needs("slurmctld", "slurmd", "sbatch", "munged")
@pytest.mark.serial
@pytest.mark.timeout(300)
def test_slurm(lab, whole, slurm):
    args = [f"{CLASS}/slurm.sbatch", "traces", "--lab", "two.lua", "--out", "OUT"]
    slurm("--array=1-3", *args)
    assert tables(lab, "OUT") == whole
    before = files(lab, "OUT")
    slurm("--array=1-3", *args)
    assert files(lab, "OUT") == before, "nothing is graded twice"
    os.remove(lab.path("work", "OUT", "s4", "report.json"))
    slurm("--array=1-2", *args)  # of another number of shards, too
    assert tables(lab, "OUT") == whole


@needs("slurmctld", "slurmd", "sbatch", "munged")
@pytest.mark.serial
@pytest.mark.timeout(300)
def test_slurm_part_of_an_array(lab, traces, slurm):
    """One that was cut would leave out shards, and nobody would know."""
    slurm("--array=2-3", f"{CLASS}/slurm.sbatch", "traces", "--lab", "two.lua", "--out", "OUT", status=2)
    assert "--array=1-N" in slurm.said(2) and not os.path.exists(lab.path("work", "OUT"))


# ---- Gradescope ----------------------------------------------------------------------------------


@pytest.fixture
def gradescope(lab):
    """The container's folder; returns what Gradescope does with a submission: status, results."""
    top = lab.path("work", "autograder")
    lab.write("two.lua", TWO)
    for name in ("source/lab", "submission", "results"):
        os.makedirs(os.path.join(top, name))
    shutil.copy(lab.path("work", "two.lua"), f"{top}/source/lab/lab.lua")
    shutil.copy(f"{CLASS}/gradescope/run_autograder", f"{top}/source/run_autograder")
    with open(f"{top}/submission_metadata.json", "w", encoding="utf-8") as f:
        json.dump({"id": 123, "users": [{"id": 7, "email": "ada@example.org", "name": "Ada"}]}, f)

    def judge(wrapper=(), **env):
        path = f"{top}/results/results.json"
        r = start(lab, *wrapper, f"{top}/source/run_autograder", env={"AUTOGRADER": top, **env})
        return r.returncode, json.load(open(path, encoding="utf-8")) if os.path.exists(path) else None

    judge.submission = f"{top}/submission"
    return judge


@needs("jq")
@pytest.mark.parametrize("name", ["two.trace", "my work; $(touch x).trace", "two-bob.trace.partial"])
def test_gradescope(lab, gradescope, name):
    session(lab, RIGHT, f"{gradescope.submission}/{name}", "--student", "ada@example.org")
    if name.endswith(".partial"):
        os.rename(f"{gradescope.submission}/{name}", f"{gradescope.submission}/two.trace.partial")
    status, results = gradescope()
    assert status == 0 and results["score"] == 5, results
    assert [(t["score"], t["max_score"]) for t in results["tests"]] == [(3, 3), (2, 2)]
    assert not os.path.exists(lab.path("work", "x"))


@needs("jq")
@pytest.mark.parametrize("handed_in", ["nothing", "half", "junk", "link", "an archive", "of another"])
def test_gradescope_less(lab, gradescope, handed_in):
    path = f"{gradescope.submission}/two.trace"
    if handed_in == "half":
        session(lab, RIGHT[:1], path)
    elif handed_in == "junk":
        open(path, "wb").write(b"\xff\0{")
    elif handed_in == "link":
        os.symlink("/etc/passwd", path)
    elif handed_in == "an archive":
        session(lab, RIGHT, lab.path("work", "two.trace"))
        subprocess.run(["tar", "czf", path.replace(".trace", ".tgz"), "two.trace"], cwd=lab.path("work"), check=True)
    elif handed_in == "of another":
        session(lab, RIGHT, path, "--student", "bob@example.org")
    status, results = gradescope()
    assert status == 0, results
    assert results["score"] == {"half": 3, "an archive": 5, "of another": 5}.get(handed_in, 0), results


@needs("jq", "unshare")
@pytest.mark.parametrize("trouble", ["namespaces", "program", "lab", "metadata"])
def test_gradescope_trouble_is_no_zero(lab, gradescope, trouble):
    session(lab, RIGHT, f"{gradescope.submission}/two.trace")
    top = os.path.dirname(gradescope.submission)
    if trouble == "lab":
        open(f"{top}/source/lab/lab.lua", "a", encoding="utf-8").write("nonsense(")
    if trouble == "metadata":
        os.remove(f"{top}/submission_metadata.json")
    status, results = gradescope(
        NO_NAMESPACES if trouble == "namespaces" else (),
        **({"IPCLAB": "/nonexistent/ipclab"} if trouble == "program" else {}),
    )
    assert status != 0 and (results is None or ("score" not in results and "tests" not in results)), results


@needs("jq")
@pytest.mark.timeout(600)
@pytest.mark.skipif(is_sanitized(), reason="builds another program than the one under test")
def test_gradescope_image(lab, gradescope):
    """setup.sh beside a copy of the sources brings a program that works."""
    source = os.path.join(os.path.dirname(gradescope.submission), "source")
    shutil.copy(f"{CLASS}/gradescope/setup.sh", source)
    os.symlink(ROOT, f"{source}/ipclab")
    prefix, build = lab.path("prefix"), lab.path("build")
    sh(lab, f"{source}/setup.sh", env={"PREFIX": prefix, "MAKEFLAGS": f"BUILD={build} -j2"}, timeout=500)
    shutil.rmtree(build)
    session(lab, RIGHT, f"{gradescope.submission}/two.trace")
    assert gradescope(IPCLAB=f"{prefix}/bin/ipclab")[1]["score"] == 5


# ---- Autolab -------------------------------------------------------------------------------------


@pytest.fixture
def autolab(lab):
    """A lab that was packed; returns what Autolab does with a file: the scores that it reads."""
    os.makedirs(lab.path("work", "mine"))
    shutil.copy(lab.write("two.lua", TWO), lab.path("work", "mine", "lab.lua"))
    session(lab, RIGHT, lab.path("work", "mine", "golden.trace"))
    pack = ["make", "-s", "-f", f"{CLASS}/autolab/Makefile", "autograde.tar", "LAB=mine"]

    def judge(trace, wrapper=(), **env):
        job = lab.path("work", "job")
        os.mkdir(job)
        shutil.copy(f"{CLASS}/autolab/Makefile", f"{job}/Makefile")
        shutil.copy(lab.path("work", "autograde.tar"), job)
        if trace is not None:
            shutil.copy(trace, f"{job}/handin.trace")
        lines = start(lab, *wrapper, "make", env=env, cwd=job).stdout.splitlines()
        return json.loads(lines[-1])["scores"], lines

    judge.pack = pack
    return judge


def test_autolab(lab, autolab):
    sh(lab, *autolab.pack)
    assert sorted(os.listdir(lab.path("work"))) == ["autograde.tar", "mine", "two.lua"]
    scores, lines = autolab(session(lab, RIGHT[:1], lab.path("work", "half.trace")))
    assert scores == {"make": 3, "use": 0}
    assert json.loads(lines[-2])["Tasks"]["make"]["passed"] is True


def test_autolab_junk(lab, autolab):
    sh(lab, *autolab.pack)
    assert autolab(lab.write("junk", b"\0junk"))[0] == {"make": 0, "use": 0}


@needs("unshare")
@pytest.mark.parametrize("trouble", ["namespaces", "program", "nothing handed in", "lab"])
def test_autolab_trouble_is_no_zero(lab, autolab, trouble):
    sh(lab, *autolab.pack)
    if trouble == "lab":  # a damaged one came with another version
        with open(lab.path("work", "mine", "lab.lua"), "a", encoding="utf-8") as f:
            f.write("nonsense(")
        sh(lab, "sh", "-c", "tar xf autograde.tar open && tar cf autograde.tar -C mine . && mkdir lab && "
           "cp mine/lab.lua lab && tar cf autograde.tar open lab")  # fmt: skip
    trace = session(lab, RIGHT, lab.path("work", "right.trace"))
    scores, lines = autolab(
        None if trouble == "nothing handed in" else trace,
        NO_NAMESPACES if trouble == "namespaces" else (),
        **({"IPCLAB": "/nonexistent/ipclab"} if trouble == "program" else {}),
    )
    assert scores == {"make": None, "use": None}, lines
    assert len(lines) > 1, "and says why"


def test_autolab_does_not_pack_a_lab_that_is_wrong(lab, autolab):
    session(lab, RIGHT[:1], lab.path("work", "mine", "golden.trace"))
    sh(lab, *autolab.pack, status=2)
    assert not os.path.exists(lab.path("work", "autograde.tar"))
