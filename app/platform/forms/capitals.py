"""Sums of money in the capital numerals of vouchers: 壹仟贰佰叁拾肆元伍角整."""

from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def in_capitals(yuan: Decimal) -> str:
    """Return a sum of at most 10**16 yuan, rounded to 分, as vouchers write it."""
    cents = int(abs(yuan).quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)
    whole, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(whole)}元" if whole else ""
    if not rest:
        text = f"{text or '零元'}整"
    else:
        if jiao:
            text += f"{DIGITS[jiao]}角"
        elif whole:
            text += "零"
        text += f"{DIGITS[fen]}分" if fen else "整"
    return f"负{text}" if yuan < 0 and cents else text


def _whole(number: int) -> str:
    """A whole number, by groups of four digits; one 零 stands for each run of zeros between digits."""
    text, gap = "", False
    for group in range(len(GROUPS) - 1, -1, -1):
        four = number // 10 ** (4 * group) % 10_000
        if not four:
            gap = bool(text)
            continue
        digits = ""
        for place in range(3, -1, -1):
            digit = four // 10**place % 10
            if not digit:
                gap = bool(text or digits)
                continue
            digits += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
            gap = False
        text += digits + _unit(group, number)
    return text


def _unit(group: int, number: int) -> str:
    """万亿 is said once: as 万 where 亿 follows with digits of its own."""
    return "万" if group == 3 and number // 10**8 % 10_000 else GROUPS[group]
