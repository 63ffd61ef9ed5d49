# SPDX-License-Identifier: EUPL-1.2
"""A kill half-way leaves the warehouse readable and as it was."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse

SCRIPT = """
import sys
from pathlib import Path
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse
ingest_file(Warehouse(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_kill_while_an_edition_is_being_written_leaves_the_warehouse_as_it_was(
    warehouse: Warehouse, packaged: Path
) -> None:
    first = ingest_file(warehouse, packaged / "leefbaarometer/lbm3-gemeente-2024.csv.gz")
    path = packaged / "rivm-gezondheid/gezondheid-2020-50090NED-18plus.csv.gz"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(warehouse.home), str(path)])
    # the folder in tmp/ appears when writing starts and is renamed when all is written
    while process.poll() is None and not list((warehouse.home / "tmp").glob("*")):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert [m.edition for m in warehouse.editions()] == [first.edition]
    assert warehouse.observations().collect().height > 0
    again = ingest_file(warehouse, path)
    assert (again.new, again.rows, again.kept) == (True, 17341, 17341)
    assert len(warehouse.editions()) == 2
