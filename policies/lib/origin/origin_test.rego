package policies.lib.origin_test

import data.policies.lib.origin

test_own_is_not_elsewhere if not "own" in origin.elsewhere
