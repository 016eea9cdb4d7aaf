"""Words that say nothing about a text's subject, in the form before stemming."""

_ENGLISH = """
a an the this that these those
i me my mine myself we us our ours ourselves you your yours yourself yourselves
he him his himself she her hers herself it its itself they them their theirs themselves
who whom whose which what when where why how
am is are was were be been being do does did doing done have has had having
can could will would shall should may might must ought
and or but nor if then else so because as until while though although than
of at by for with about against between into through during before after
above below to from up down in out on off over under again further once upon
here there all any both each few more most other some such no not only own same
too very just also ever yet
i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll
it's it'd it'll we're we've we'd we'll they're they've they'd they'll
that's there's here's what's who's where's when's why's how's let's
isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't
can't cannot couldn't won't wouldn't shan't shouldn't mustn't
im ive dont didnt doesnt cant isnt wasnt
"""

STOP_WORDS: dict[str, frozenset[str]] = {"english": frozenset(_ENGLISH.split())}
