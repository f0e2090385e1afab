"""Accounts in batches."""

from tests.rooms.admin.town import REGIONAL
from tests.rooms.matrix import arrived, to

KEEPERS_OF_PEOPLE = ("system", *REGIONAL)
ROWS = {
    ("GET", "/admin/accounts/batch"): [arrived(to(200, *KEEPERS_OF_PEOPLE), 403)],
    ("POST", "/admin/accounts/batch"): [arrived(to(422, *KEEPERS_OF_PEOPLE), 403)],
    ("POST", "/admin/accounts/batch/of"): [arrived(to(303, *KEEPERS_OF_PEOPLE), 403)],
    ("GET", "/admin/accounts/slips/<errand>"): [
        arrived(to(404, *KEEPERS_OF_PEOPLE), 403, errand="absent"),
        arrived({**to(404, *KEEPERS_OF_PEOPLE), "city": 200}, 403, errand="citys_slips"),
    ],
    ("POST", "/admin/accounts/slips/<errand>"): [
        arrived(to(404, *KEEPERS_OF_PEOPLE), 403, errand="absent"),
        arrived({**to(404, *KEEPERS_OF_PEOPLE), "city": 410}, 403, errand="citys_slips"),
    ],
}
