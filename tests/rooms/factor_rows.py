"""Who gets what at the pages of the second factor and of single sign-on, where nobody is asked for either."""

from tests.rooms.matrix import NOBODY, arrived, everybody

ROWS = {
    ("GET", "/factor"): [everybody(302, "arriving")],
    ("POST", "/factor"): [everybody(302, "arriving")],
    ("GET", "/factor/recovery"): [everybody(302, "arriving")],
    ("POST", "/factor/recovery"): [everybody(302, "arriving")],
    ("GET", "/account/factor"): [everybody(200, "arriving")],
    ("POST", "/account/factor"): [everybody(422, "arriving")],
    ("POST", "/account/factor/start"): [everybody(303, "arriving")],
    ("GET", "/account/factor/codes"): [everybody(200, "arriving")],
    ("POST", "/account/factor/codes"): [arrived(NOBODY, 422)],
    ("POST", "/account/factor/off"): [arrived(NOBODY, 422)],
    ("GET", "/login/sso"): [everybody(404)],
    ("GET", "/login/sso/return"): [everybody(404)],
    ("GET", "/account/sso"): [arrived(NOBODY, 404)],
    ("POST", "/account/sso"): [arrived(NOBODY, 404)],
    ("GET", "/account/sso/go"): [arrived(NOBODY, 404)],
    ("POST", "/account/sso/unlink"): [arrived(NOBODY, 404)],
}
