"""In and out of the house (P-01, P-02, C-02, C-06)."""


def test_the_start_page_has_a_login_link_and_lists_the_systems(browser):
    """P-01, C-46."""
    page = browser.get("/")
    assert page.status_code == 200
    assert 'href="/login"' in browser.page
    assert "青少年科技活动服务平台" in browser.page


def test_a_newcomer_registers_signs_in_and_chooses_an_identity(browser):
    """P-01, P-02."""
    browser.get("/register/trial")
    answer = browser.post(
        "/register/trial",
        {
            "username": "lijia",
            "name": "李佳",
            "phone": "13800000001",
            "password": "Granit-Weide-47",
            "repeat": "Granit-Weide-47",
            "agreed": "y",
            "captcha_answer": "1234",
        },
    )
    assert answer.status_code == 303, browser.page
    assert browser.sign_in("13800000001").status_code == 303
    assert browser.get("/account").location == "/identity/trial"
    assert browser.get("/").location == "/identity/trial"
    browser.get("/identity/trial")
    for name in ("组织者", "教师", "学生"):
        assert name in browser.page
    assert "市级管理员" not in browser.page
    assert browser.post("/identity/trial").status_code == 422
    assert browser.post("/identity/trial", {"role": "trial.city"}).status_code == 422
    assert browser.post("/identity/trial", {"role": "trial.organiser"}).location == "/"
    assert browser.get("/account").status_code == 200
    assert "138****0001" in browser.page
    assert "13800000001" not in browser.page
