"""Operations on plain text that know nothing of news: folding, cutting, shingles, stop words, differences."""
