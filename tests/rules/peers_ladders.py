"""Ladders of other systems: figures that their own tests and pages state, or that follow from their rule.

Amounts are text in major units. What a system sells by the unit stands here as a rate: one unit is an
amount of 100.00, so that a price of 10 is 10 % of it, and everything else stays as the source has it.
"""

from typing import NamedTuple

LAGO = "getlago/lago-api@1b1c24a6 spec/services/charge_models/"
OPENMETER = "openmeterio/openmeter@7e57a394 openmeter/billing/rating/service/rate/"
ZUPLO = "https://zuplo.com/docs/articles/monetization/pricing-models"
METRIFOX = "https://docs.metrifox.com/pricing-models"
AUTUMN = "https://docs.useautumn.com/documentation/modelling-pricing/graduated-pricing.md"
RECURLY = "https://docs.recurly.com/docs/-tiered-stairstep-and-volume-pricing"
ORACLE = (
    "https://docs.oracle.com/en/cloud/saas/sales/facmi/options-for-splitting-attainment-numbers-across-rate-tiers.html"
)
ORACLE_24B = "https://docs.oracle.com/en/cloud/saas/readiness/sales/24b/salm-24b/24B-spm-wn-f31649.htm"
BDD = "https://gist.github.com/richardlawrence/1138036"
SALESTOOL = "https://huggingface.co/salestool/TieredCommissionCalculator"
SECTIONS = "OCA/commission 17.0 commission/models/commission.py calculate_section"


class Ladder(NamedTuple):
    """What a figure earns on a ladder: `{lower bound: (price or percent, flat)}`."""

    id: str
    source: str
    by: str
    figure: str
    tiers: dict[str, tuple[str, str]]
    earns: str
    parts: tuple[str, ...] = ()  # the steps that earn something, where the source lists them
    before: str = "0"  # what the same measure had come to before


LAGO_3 = {"0": ("10", "2"), "10": ("5", "3"), "20": ("5", "3")}
LAGO_FINE = {"0": ("10", "0"), "0.1": ("5", "0"), "1": ("2", "0")}
# Upper bounds that belong to the tier below: of whole units, the next tier starts at the next unit.
LAGO_WHOLE = {"0": ("2", "10"), "101": ("1", "0"), "201": ("0.5", "50")}
LAGO_LARGE = {"0": ("0.0010", "10"), "10001": ("0.0008", "10"), "50001": ("0.0006", "10"), "100001": ("0.0004", "10")}
SEATS = {"0": ("0", "50"), "11": ("0", "100"), "21": ("0", "150")}
OPENMETER_GRADUATED = {"0": ("0", "100"), "5": ("0", "50"), "10": ("5", "0"), "15": ("1", "0")}
# Of units that can be cut, the next tier starts one minor unit further: 5.0001 units are 500.01.
OPENMETER_VOLUME = {"0": ("0", "100"), "5.0001": ("0", "150"), "10.0001": ("10", "0"), "15.0001": ("5", "0")}
OPENMETER_AS_WRITTEN = {"0": ("0", "100"), "5": ("0", "150"), "10": ("10", "0"), "15": ("5", "0")}
ZUPLO_3 = {"0": ("0.10", "0"), "1000": ("0.05", "0"), "10000": ("0.01", "0")}
METRIFOX_2 = {"0": ("0.10", "0"), "1000": ("0.08", "0")}
AUTUMN_3 = {"0": ("0.01", "0"), "1000": ("0.008", "0"), "10000": ("0.005", "0")}

UNITS = (
    Ladder("lago-graduated-1", LAGO + "graduated_service_spec.rb", "graduated", "1", LAGO_3, "12"),
    Ladder("lago-graduated-10", LAGO + "graduated_service_spec.rb", "graduated", "10", LAGO_3, "102"),
    Ladder("lago-graduated-11", LAGO + "graduated_service_spec.rb", "graduated", "11", LAGO_3, "110"),
    Ladder("lago-graduated-12", LAGO + "graduated_service_spec.rb", "graduated", "12", LAGO_3, "115"),
    Ladder("lago-graduated-21", LAGO + "graduated_service_spec.rb", "graduated", "21", LAGO_3, "163"),
    Ladder("lago-graduated-decimal-0.05", LAGO + "graduated_service_spec.rb", "graduated", "0.05", LAGO_FINE, "0.50"),
    Ladder("lago-graduated-decimal-0.5", LAGO + "graduated_service_spec.rb", "graduated", "0.5", LAGO_FINE, "3"),
    Ladder("lago-volume-1", LAGO + "volume_service_spec.rb", "volume", "1", LAGO_WHOLE, "12"),
    Ladder("lago-volume-200", LAGO + "volume_service_spec.rb", "volume", "200", LAGO_WHOLE, "200"),
    Ladder("lago-volume-210", LAGO + "volume_service_spec.rb", "volume", "210", LAGO_WHOLE, "155"),
    Ladder("lago-doc-volume-65000", "https://getlago.com/docs/guide/plans/charges/charge-models/volume",
           "volume", "65000", LAGO_LARGE, "49"),
    Ladder("openmeter-volume-3", OPENMETER + "tieredvolume_test.go", "volume", "3", OPENMETER_VOLUME, "100"),
    Ladder("openmeter-volume-5", OPENMETER + "tieredvolume_test.go", "volume", "5", OPENMETER_VOLUME, "100"),
    Ladder("openmeter-volume-14", OPENMETER + "tieredvolume_test.go", "volume", "14", OPENMETER_VOLUME, "140"),
    Ladder("openmeter-volume-15", OPENMETER + "tieredvolume_test.go", "volume", "15", OPENMETER_VOLUME, "150"),
    Ladder("openmeter-volume-16", OPENMETER + "tieredvolume_test.go", "volume", "16", OPENMETER_VOLUME, "80"),
    Ladder("openmeter-graduated-22", OPENMETER + "tieredgraduated_test.go", "graduated", "22", OPENMETER_GRADUATED,
           "182", parts=("100", "50", "25", "7")),
    # A second bill of the same period: 12 units stand on the first, and only the 10 that follow are charged.
    Ladder("openmeter-graduated-split-12-10", OPENMETER + "tieredgraduated_test.go", "graduated", "10",
           OPENMETER_GRADUATED, "22", parts=("15", "7"), before="12"),
    Ladder("zuplo-graduated", ZUPLO, "graduated", "15000", ZUPLO_3, "600"),
    Ladder("zuplo-volume", ZUPLO, "volume", "15000", ZUPLO_3, "150"),
    Ladder("metrifox-graduated", METRIFOX, "graduated", "2500", METRIFOX_2, "220"),
    Ladder("metrifox-volume", METRIFOX, "volume", "2500", METRIFOX_2, "200"),
    Ladder("autumn-graduated", AUTUMN, "graduated", "15000", AUTUMN_3, "107"),
    # One price for the step that is reached, whatever the number of seats on it.
    Ladder("recurly-stairstep", RECURLY, "volume", "25", SEATS, "150"),
    # The source says nothing of fewer than 20 seats.
    Ladder("recurly-volume-seats", "https://docs.recurly.com/recurly-subscriptions/docs/-tiered-stairstep-and-volume-pricing",
           "volume", "21", {"0": ("0", "0"), "20": ("9", "0")}, "189"),
)  # fmt: skip

LAGO_PERCENT = {"0": ("1", "200"), "10": ("2", "300"), "20": ("3", "400")}
ORACLE_4 = {"0": ("1", "0"), "10000": ("2", "0"), "50000": ("3", "0"), "100000": ("4", "0")}
ORACLE_3 = {"0": ("1", "0"), "1000": ("2", "0"), "5000": ("3", "0")}
TEN_TWELVE = {"0": ("10", "0"), "5000": ("12", "0")}
SALESTOOL_3 = {"0": ("5", "0"), "10000": ("7", "0"), "25000": ("10", "0")}
# A section holds from a figure to a figure, both in it, and pays on the whole; outside it nothing is paid.
SECTION = {"0": ("0", "0"), "15000": ("20", "0"), "16000.01": ("0", "0")}
SMALL_SECTION = {"0": ("0", "0"), "1": ("10", "0"), "100.01": ("0", "0")}

AMOUNTS = (
    Ladder("lago-graduated-percentage-10", LAGO + "graduated_percentage_service_spec.rb", "graduated", "10",
           LAGO_PERCENT, "200.10"),
    Ladder("lago-graduated-percentage-12", LAGO + "graduated_percentage_service_spec.rb", "graduated", "12",
           LAGO_PERCENT, "500.14"),
    Ladder("oracle-flat-15000", ORACLE, "volume", "15000", ORACLE_4, "300"),
    Ladder("oracle-flat-60000", ORACLE, "volume", "60000", ORACLE_4, "1800"),
    Ladder("oracle-split-15000", ORACLE, "graduated", "15000", ORACLE_4, "200"),
    Ladder("oracle-split-60000", ORACLE, "graduated", "60000", ORACLE_4, "1200"),
    # 1.6 % on average: 10.00 is 0.4 % of the whole and 30.00 is 1.2 %; both parts are shown.
    Ladder("oracle-24b-blended", ORACLE_24B, "graduated", "2500", ORACLE_3, "40", parts=("10", "30")),
    Ladder("bdd-two-tier-6000", BDD, "graduated", "6000", TEN_TWELVE, "620"),
    Ladder("bdd-two-tier-4000", BDD, "graduated", "4000", TEN_TWELVE, "400"),
    Ladder("salestool-marginal", SALESTOOL, "graduated", "30000", SALESTOOL_3, "2050"),
    Ladder("oca-section-14999.99", SECTIONS, "volume", "14999.99", SECTION, "0"),
    Ladder("oca-section-15100", SECTIONS, "volume", "15100", SECTION, "3020"),
    Ladder("oca-section-16000", SECTIONS, "volume", "16000", SECTION, "3200"),
    Ladder("oca-section-small-0.99", "OCA/commission 17.0 commission/tests/test_commission.py", "volume", "0.99", SMALL_SECTION, "0"),
)  # fmt: skip


class Package(NamedTuple):
    """Each started package is paid whole, after what is free and what was billed before."""

    id: str
    source: str
    units: str
    size: str
    price: str
    earns: str
    free: str = "0"
    before: str = "0"


PACKAGES = (
    Package("lago-package-free0", LAGO + "package_service_spec.rb", "121", "10", "100", "1300"),
    Package("lago-package-free10", LAGO + "package_service_spec.rb", "121", "10", "100", "1200", free="10"),
    Package("lago-package-free200", LAGO + "package_service_spec.rb", "121", "10", "100", "0", free="200"),
    Package("openmeter-package-0-10", OPENMETER + "package_test.go", "10", "10", "15", "15"),
    Package("openmeter-package-0-5", OPENMETER + "package_test.go", "5", "10", "15", "15"),
)
