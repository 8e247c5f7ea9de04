"""Operations on plain text that know nothing of news.

    months          the months as English texts name them
    fold            without case and accents
    shingles        words, and runs of words
    designations    S-400, S400 and S 400 as one token
    stopwords       words that say little, as data
    truncate        cut to a length
    difference      what one text says that another does not
    union_find      disjoint sets

Everyone may import this package; it imports nothing else of ``pipeline``.
"""
