"""Events dropped because their point of sale is not known: how many, and of which names, as far as there is room."""

MOST_NAMES = 50
LONGEST_NAME = 100
NO_NAME, OTHER_NAMES = "(none)", "(other)"


def name_of(pos: object) -> str:
    """A point of sale as it is counted: a text of a bounded length; events that name none are counted, too."""
    return pos[:LONGEST_NAME] if isinstance(pos, str) and pos else NO_NAME


class Rejections:
    """Counts by name; those beyond ``MOST_NAMES`` names together."""

    def __init__(self) -> None:
        self.count = 0
        self.names: dict[str, int] = {}

    def add(self, name: str) -> bool:
        """One more, by ``name_of``; whether it is the first of a name that is counted by itself."""
        self.count += 1
        is_new = name not in self.names and len(self.names) < MOST_NAMES
        key = name if is_new or name in self.names else OTHER_NAMES
        self.names[key] = self.names.get(key, 0) + 1
        return is_new
