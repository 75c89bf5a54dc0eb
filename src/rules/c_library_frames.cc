#include "rules/c_library_frames.h"

#include <algorithm>

#include "rules/crash_builder.h"

namespace abiscope::rules {

bool leads_to_abort(std::string_view function) {
    function = function.substr(0, function.find('.'));
    if (raises_signals(function)) return true;
    // glibc 2.43: malloc/malloc.c, malloc/arena.c, stdlib/, debug/, assert/, libio/, stdio-common/.
    constexpr std::string_view names[] = {
        "abort",
        "malloc",
        "free",
        "cfree",
        "calloc",
        "realloc",
        "reallocarray",
        "memalign",
        "aligned_alloc",
        "posix_memalign",
        "valloc",
        "pvalloc",
        "malloc_printerr",
        "malloc_consolidate",
        "unlink_chunk",
        "munmap_chunk",
        "mremap_chunk",
        "sysmalloc",
        "systrim",
        "checked_request2size",
        "top_check",
        "__chk_fail",
        "backtrace_and_maps",
    };
    constexpr std::string_view starts[] = {
        "__pthread_kill_", "__libc_",     "_int_",           "__GI_",     "_IO_",    "__vfprintf",       "__vfwprintf",    "__vsprintf",
        "__vsnprintf",     "__vswprintf", "__printf_buffer", "outstring", "tcache_", "__stack_chk_fail", "__fortify_fail", "__assert"};
    return std::ranges::find(names, function) != std::end(names) ||
        std::ranges::any_of(starts, [&](std::string_view start) { return function.starts_with(start); }) ||
        (function.starts_with("__") && function.ends_with("_chk"));
}

bool takes_block(std::string_view function) {
    function = function.substr(0, function.find('.'));
    constexpr std::string_view names[] = {"free",
                                          "cfree",
                                          "__libc_free",
                                          "_int_free",
                                          "_int_free_chunk",
                                          "_int_free_merge_chunk",
                                          "arena_for_chunk",
                                          "munmap_chunk",
                                          "realloc",
                                          "__libc_realloc",
                                          "_int_realloc",
                                          "mremap_chunk",
                                          "tcache_put",
                                          "tcache_double_free_verify",
                                          "malloc_usable_size",
                                          "musable"};
    return std::ranges::find(names, function) != std::end(names);
}

}  // namespace abiscope::rules
