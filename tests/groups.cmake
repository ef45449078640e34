# The house rules, and the proof that each of them fires; the layout; and clang's own reading.
add_test(NAME tidy COMMAND python3 tests/tidy.py WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME tidy_self_test COMMAND python3 tests/tidy.py --self-test
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME tidy_format COMMAND ${PROJECT_SOURCE_DIR}/tests/format.sh)
add_test(NAME tidy_clang COMMAND ${PROJECT_SOURCE_DIR}/tests/clang_tidy.sh ${PROJECT_BINARY_DIR})
set_tests_properties(tidy tidy_self_test tidy_format PROPERTIES LABELS tidy TIMEOUT 120)
set_tests_properties(tidy_clang PROPERTIES LABELS tidy TIMEOUT 900)
