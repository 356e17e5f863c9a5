"""What we expect of the data: one suite of Great Expectations per data set.

Great Expectations takes seconds to import, so only the step that judges imports a suite, when it runs.
"""

import os

from expectations.late_imports import import_late

# It asks a server whether it may send usage data, unless it is told before it is imported.
os.environ["GX_ANALYTICS_ENABLED"] = "False"
import_late()
