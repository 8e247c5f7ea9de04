"""The months as English texts name them; the names in ``calendar`` change with the locale."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
