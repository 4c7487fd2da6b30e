package policies.lib.origin_test

import data.policies.lib.origin

test_own_is_the_only_known_origin_that_is_not_elsewhere if origin.known - origin.elsewhere == {"own"}
