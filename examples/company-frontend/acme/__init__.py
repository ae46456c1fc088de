"""What our company adds to Dockerfiles: pyfrontend takes what it finds here."""

from acme.apt import apt
from acme.images import supported_releases
from acme.retry import retry
from acme.team import names_its_team

#: The version of pyfrontend.api that all of it is written for.
API = 1
__all__ = ["apt", "names_its_team", "retry", "supported_releases"]
