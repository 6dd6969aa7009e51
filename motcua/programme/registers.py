"""Every register, described once (docs/programme.md says how to add one)."""

from motcua.core.errors import NotFound
from motcua.programme.area_registers import AREA_REGISTERS, DIGITAL, FINANCE, INSTITUTIONS, PROCEDURES, SERVICE
from motcua.programme.describing import Register
from motcua.programme.steering_registers import STEERING, STEERING_REGISTERS

# In the order of their first page, which is that of the report.
GROUPS = (STEERING, INSTITUTIONS, PROCEDURES, SERVICE, FINANCE, DIGITAL)
REGISTERS: tuple[Register, ...] = (*STEERING_REGISTERS, *AREA_REGISTERS)
BY_KEY = {register.key: register for register in REGISTERS}
BY_SLUG = {register.slug: register for register in REGISTERS}


def register_of(key: str) -> Register:
    """The register of a key. Errors: ``NotFound``."""
    try:
        return BY_KEY[key]
    except KeyError:
        raise NotFound(f"Không có sổ «{key}».") from None
