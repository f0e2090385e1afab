"""What the registration form offers to choose from, as lists and filters name it too (EN-D3); codes are the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from app.platform.registry import Words

MALE, FEMALE = "male", "female"
GENDERS: Final[Mapping[str, Words]] = {MALE: Words("男", "Male"), FEMALE: Words("女", "Female")}
NATIONALITY: Final = "中国"


def _list(text: str) -> tuple[Words, ...]:
    """Read `中文=English` lines."""
    pairs = (line.strip().partition("=") for line in text.strip().splitlines())
    return tuple(Words(zh, en) for zh, _, en in pairs)


ETHNICITIES: Final = _list(
    """
    汉族=Han
    蒙古族=Mongol
    回族=Hui
    藏族=Tibetan
    维吾尔族=Uyghur
    苗族=Miao
    彝族=Yi
    壮族=Zhuang
    布依族=Bouyei
    朝鲜族=Korean
    满族=Manchu
    侗族=Dong
    瑶族=Yao
    白族=Bai
    土家族=Tujia
    哈尼族=Hani
    哈萨克族=Kazak
    傣族=Dai
    黎族=Li
    傈僳族=Lisu
    佤族=Va
    畲族=She
    高山族=Gaoshan
    拉祜族=Lahu
    水族=Sui
    东乡族=Dongxiang
    纳西族=Naxi
    景颇族=Jingpo
    柯尔克孜族=Kirgiz
    土族=Tu
    达斡尔族=Daur
    仫佬族=Mulao
    羌族=Qiang
    布朗族=Blang
    撒拉族=Salar
    毛南族=Maonan
    仡佬族=Gelao
    锡伯族=Xibe
    阿昌族=Achang
    普米族=Pumi
    塔吉克族=Tajik
    怒族=Nu
    乌孜别克族=Uzbek
    俄罗斯族=Russ
    鄂温克族=Ewenki
    德昂族=Deang
    保安族=Bonan
    裕固族=Yugur
    京族=Gin
    塔塔尔族=Tatar
    独龙族=Derung
    鄂伦春族=Oroqen
    赫哲族=Hezhen
    门巴族=Monba
    珞巴族=Lhoba
    基诺族=Jino
    """
)
PARTIES: Final = _list(
    """
    中国共产党党员=CPC member
    中国共产党预备党员=Probationary CPC member
    民革=Revolutionary Committee of the Kuomintang
    民盟=China Democratic League
    民建=China National Democratic Construction Association
    民进=China Association for Promoting Democracy
    农工党=Chinese Peasants' and Workers' Democratic Party
    致公党=China Zhi Gong Party
    九三学社=Jiusan Society
    台盟=Taiwan Democratic Self-Government League
    无党派人士=Without party affiliation
    群众=Masses
    其他=Other
    """
)
OCCUPATIONS: Final[Mapping[str, tuple[Words, tuple[Words, ...]]]] = {
    "公务员": (
        Words("公务员", "Civil servants"),
        _list(
            """
            中央和地方各级党政机关=Party and government organs
            各级人民团体=People's organisations
            人大、政协机关=People's congresses and consultative conferences
            监察、司法机关=Supervisory and judicial organs
            """
        ),
    ),
    "事业单位人员": (
        Words("事业单位人员", "Public institutions"),
        _list(
            """
            科研院所=Research institutes
            高等院校=Universities and colleges
            医疗卫生机构=Health institutions
            中小学及幼儿园=Schools and kindergartens
            其他事业单位=Other public institutions
            """
        ),
    ),
    "企业人员": (
        Words("企业人员", "Enterprises"),
        _list(
            """
            国有企业=State-owned enterprises
            民营企业=Private enterprises
            外商投资企业=Foreign-invested enterprises
            """
        ),
    ),
    "农业农村人员": (
        Words("农业农村人员", "Agriculture"),
        _list(
            """
            农技协=Rural technology associations
            农民专业合作社=Farmers' cooperatives
            农户=Farmers
            """
        ),
    ),
    "社会组织人员": (
        Words("社会组织人员", "Social organisations"),
        _list(
            """
            学会、协会、研究会=Societies and associations
            基金会=Foundations
            社会服务机构=Social service organisations
            """
        ),
    ),
    "军队人员": (
        Words("军队人员", "Armed forces"),
        _list(
            """
            军队科研院所=Military research institutes
            军队院校=Military academies
            其他军队单位=Other military units
            """
        ),
    ),
    "其他": (
        Words("其他", "Other"),
        _list(
            """
            自由职业者=Self-employed
            在校学生=Students
            离退休人员=Retired
            其他人员=Others
            """
        ),
    ),
}
"""The first level of 职业类别, with the second level of each."""
KIND_FIELDS: Final[Mapping[str, str]] = {
    occupation: f"occupation_kind_{number}" for number, occupation in enumerate(OCCUPATIONS, 1)
}
"""Under which field of the form the second level of an occupation is asked."""


def offered(words: Sequence[Words]) -> list[tuple[str, Words]]:
    """Words as the choices of a filter: the Chinese is the code."""
    return [(each.zh, each) for each in words]


def occupations() -> list[tuple[str, Words]]:
    """The first level of 职业类别."""
    return [(code, words) for code, (words, _) in OCCUPATIONS.items()]


def kinds_of(occupation: str) -> list[tuple[str, Words]]:
    """The second level of an occupation; nothing for one there is not."""
    return offered(OCCUPATIONS[occupation][1]) if occupation in OCCUPATIONS else []


def said(words: Sequence[Words], code: str | None, language: str = "zh") -> str:
    """The word of a code; a code that nobody knows any more stands for itself."""
    found = next((each for each in words if each.zh == code), None)
    return found.said(language) if found else code or ""
