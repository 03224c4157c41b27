"""The proof of `iconik_construct.judge`: made policies and requests, held against engines that nobody here wrote.

Apart from the rest of the proof because it proves an evaluator, not what the constructs write.
"""
