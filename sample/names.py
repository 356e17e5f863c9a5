"""Invented companies and people: each position has another name, and some names break careless programs."""

# Legal names with markup, quotes, commas, an apostrophe.
HARD_NAMES = (
    ("Horns & Hooves <LLC>", "en"),
    ('ЗАО "Рога, копыта и сыновья"', "ru"),
    ("""O'Brien, "Fast" & Sons, Inc.""", "en"),
    ("Żółw i Syn, „Łącza” Sp. z o.o.", "pl"),
)
LOCALES = ("ru", "ru", "ru", "pl", "en")
_COMPANIES = {
    "ru": ("ООО «{} {}»", "Северная Быстрая Ясная Медная Речная Тихая Верная Новая Горная Южная Лунная Звонкая",
           "Связь Линия Волна Сеть Станция Башня Антенна Частота Трубка Искра Мачта Орбита"),
    "pl": ("{} {} Sp. z o.o.", "Zielona Szybka Jasna Nowa Cicha Dobra Polna Leśna Morska Górska Srebrna Żółta",
           "Łączność Sieć Linia Fala Centrala Wieża Antena Iskra Rozmowa Strefa Orbita Kładka"),
    "en": ("{} {} Ltd", "Bright Quick North Clear Copper River Quiet Steady Amber Silver Orchard Granite",
           "Line Wave Tower Signal Relay Switch Beacon Dial Circuit Spark Bridge Exchange"),
}  # fmt: skip
_PEOPLE = {
    "ru": "Анна Борис Вера Глеб Дарья Егор Жанна Захар Ирина Кирилл",
    "pl": "Anna Błażej Celina Dawid Ewa Filip Grażyna Henryk Iga Józef",
    "en": "Ann Ben Clara Dan Eve Frank Grace Hugh Iris Jack",
}


def invented_name(position: int, locale: str) -> str:
    """Return a company's name, another one for each position."""
    shape, firsts, lasts = _COMPANIES[locale]
    first, last = firsts.split(), lasts.split()
    turn, rest = divmod(position, len(first) * len(last))
    name = shape.format(first[rest % len(first)], last[rest // len(first)])
    return f"{name} {turn + 1}" if turn else name


def person_name(position: int, locale: str) -> str:
    """Return a person's first name, another one for each of ten positions."""
    return _PEOPLE[locale].split()[position % 10]
