"""Words that say little of what a text is about, as data.

The query language leaves out Lucene's own list (``query.analysis``), which is part of its contract with the engines.
"""


def word_set(words: str) -> frozenset[str]:
    """Return a list of words, separated by spaces, as a set."""
    return frozenset(words.split())


# Never counted as terms: English function words, months and days, words of reporting. Chosen on the project's own
# development stories.
STOP_WORDS = word_set(
    "a an the this that these those and or but nor so yet if then else than as at by for from in into of off on "
    "onto out over to up with about above after again against all also am any are aren't be because been before "
    "being below between both can can't cannot could couldn't did didn't do does doesn't doing don't down during "
    "each few further had hadn't has hasn't have haven't having he her here hers herself him himself his how i i'm "
    "i've i'd it it's its itself just let's me more most mustn't my myself no not now once only other ought our "
    "ours ourselves own same shan't she should shouldn't some such their theirs them themselves there they they're "
    "they've through too under until us very was wasn't we we're we've were weren't what when where which while who "
    "whom why will with won't would wouldn't you you're your yours yourself yourselves may might must shall upon "
    "within without among amid per via vs mr mrs ms dr say said says tell told add added according one two three "
    "like well still even since however although though many much every another around across along already whether "
    "either neither monday tuesday wednesday thursday friday saturday sunday january february april june july "
    "august september october november december"
)

# Left out where the headlines of two takes are compared: these come and go as a headline is rewritten.
HEADLINE_STOP_WORDS = word_set(
    "a an and as at after amid be before but by for from has have he her his in into is it its new not of off on or "
    "over say says said she that the their they this to up was were will with"
)

# language -> its commonest words
FUNCTION_WORDS = {
    language: word_set(words)
    for language, words in {
        "en": "the of and to in a is that for it was on with as by at from be this are has have had "
        "not but they which who",
        "fr": "le la les des du et en un une que qui dans pour sur est pas plus par au aux avec ce sont ses cette",
        "de": "der die das und in den von zu mit ist des im nicht ein eine auf für sich dem auch als es an werden aus",
        "es": "el la los las de que y en un una del se por con para al es su no lo como más pero sus ha",
        "it": "il lo la gli le di che e in un una del della per con non è si da al dei nel sono ha anche alla",
        "pt": "o a os as de que e em um uma do da para com não por dos das no na ao é foi mais como se",
        "nl": "de het een van en in is dat op te zijn voor met die niet aan er om ook als door naar bij",
        "tr": "ve bir bu da de için ile olarak olan daha çok gibi kadar sonra en ise ancak dedi göre ettiği",
        "pl": "w i na z do nie się że jest to o od za przez dla po jak ale co są był oraz przy",
        "sv": "och i att det som en på är av för med till den har de inte om ett han men var från",
        "ro": "și în de la cu a pe care nu din este pentru un o că mai sunt fost au prin după",
        "id": "yang dan di dengan untuk dari ini pada tidak itu dalam akan ke oleh adalah juga telah",
    }.items()
}


def function_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language; empty for one that we do not know."""
    return FUNCTION_WORDS.get(language, frozenset())
