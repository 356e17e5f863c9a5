"""What no check of ours needs is not loaded with the suite, and is there for whoever uses it."""

import subprocess
import sys


def printed_by(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_suite_is_loaded_without_tests_of_distributions_and_charts() -> None:
    loaded = "import expectations.billing_lines, sys; print({'scipy.stats._distn_infrastructure', 'altair.vegalite'} & {*sys.modules})"
    assert printed_by(loaded) == "set()\n"


def test_what_was_left_out_is_imported_when_it_is_used() -> None:
    used = "import expectations.billing_lines; from scipy import stats; print(round(float(stats.norm.cdf(0)), 1))"
    assert printed_by(used) == "0.5\n"
    named = "import expectations.billing_lines; from scipy.stats import norm; print(round(float(norm.cdf(0)), 1))"
    assert printed_by(named) == "0.5\n"


def test_looking_at_the_modules_loaded_loads_nothing_more() -> None:
    looked = (
        "import expectations.billing_lines, sys\n"
        "for module in [*sys.modules.values()]: getattr(module, '__file__', None), getattr(module, '__path__', None)\n"
        "print({'scipy.stats._distn_infrastructure', 'altair.vegalite'} & {*sys.modules})"
    )
    assert printed_by(looked) == "set()\n"
