# The house rules, and the proof that each of them fires.
add_test(NAME tidy COMMAND python3 tests/tidy.py WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME tidy_self_test COMMAND python3 tests/tidy.py --self-test
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(tidy tidy_self_test PROPERTIES LABELS tidy TIMEOUT 120)
