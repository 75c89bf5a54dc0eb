#include "rules/c_library_names.h"

#include <algorithm>

namespace abiscope::rules {

namespace {

struct Row {
    std::string_view name;   // with * at its end: how names start
    unsigned meanings;
};

// glibc 2.43 (malloc/, stdlib/, debug/, assert/, libio/, stdio-common/, nptl/), musl 1.2.5 (src/malloc/mallocng/) and libgcc (unwind.inc).
constexpr Row rows[] = {
    {"__kernel_vsyscall", raises_signals},
    {"__pthread_kill_implementation", raises_signals},
    {"__pthread_kill_internal", raises_signals},
    {"pthread_kill", raises_signals},
    {"__pthread_kill", raises_signals},
    {"raise", raises_signals},
    {"__restore_sigs", raises_signals},   // musl's, in raise()
    {"__GI_raise", raises_signals},
    {"gsignal", raises_signals},
    {"kill", raises_signals},
    {"tgkill", raises_signals},
    {"sigqueue", raises_signals},
    {"__sigqueue", raises_signals},
    {"syscall", raises_signals},
    {"longjmp", jumps_back},
    {"_longjmp", jumps_back},
    {"__longjmp", jumps_back},
    {"____longjmp_chk", jumps_back},
    {"__longjmp_cancel", jumps_back},
    {"__libc_longjmp", jumps_back},
    {"__libc_siglongjmp", jumps_back},
    {"siglongjmp", jumps_back},
    {"abort", leads_to_abort},
    {"malloc", leads_to_abort},
    {"free", leads_to_abort | takes_block | stops_musl},
    {"cfree", leads_to_abort | takes_block},
    {"malloc", reads_records},
    {"__libc_malloc", reads_records},
    {"__libc_calloc", reads_records},
    {"_int_malloc", reads_records},
    {"_int_memalign", reads_records},
    {"tcache_get", reads_records},
    {"tcache_get_n", reads_records},
    {"calloc", leads_to_abort | reads_records},
    {"realloc", leads_to_abort | takes_block | stops_musl},
    {"reallocarray", leads_to_abort},
    {"memalign", leads_to_abort},
    {"aligned_alloc", leads_to_abort},
    {"posix_memalign", leads_to_abort},
    {"valloc", leads_to_abort},
    {"pvalloc", leads_to_abort},
    {"malloc_printerr", leads_to_abort},
    {"malloc_consolidate", leads_to_abort | reads_records},
    {"unlink_chunk", leads_to_abort | reads_records},
    {"munmap_chunk", leads_to_abort | takes_block},
    {"mremap_chunk", leads_to_abort | takes_block},
    {"sysmalloc", leads_to_abort | reads_records},
    {"systrim", leads_to_abort | reads_records},
    {"checked_request2size", leads_to_abort},
    {"top_check", leads_to_abort},
    {"__chk_fail", leads_to_abort},
    {"backtrace_and_maps", leads_to_abort},
    {"__libc_free", takes_block | stops_musl},
    {"_int_free", takes_block | reads_records},
    {"_int_free_chunk", takes_block},
    {"_int_free_merge_chunk", takes_block | reads_records},
    {"arena_for_chunk", takes_block},
    {"__libc_realloc", takes_block | stops_musl},
    {"_int_realloc", takes_block | reads_records},
    {"tcache_put", takes_block},
    {"tcache_double_free_verify", takes_block},
    {"malloc_usable_size", takes_block},
    {"musable", takes_block},
    {"get_meta", stops_musl},
    {"get_nominal_size", stops_musl},
    {"__malloc_allzerop", stops_musl},
    {"free_group", stops_musl},
    {"nontrivial_free", stops_musl},
    {"alloc_slot", stops_musl},
    {"alloc_group", stops_musl},
    {"__stack_chk_fail", stops_musl},
    {"a_crash", stops_musl},
    {"__pthread_kill_*", leads_to_abort},
    {"__libc_*", leads_to_abort},
    {"_int_*", leads_to_abort},
    {"__GI_*", leads_to_abort},
    {"_IO_*", leads_to_abort},
    {"__vfprintf*", leads_to_abort},
    {"__vfwprintf*", leads_to_abort},
    {"__vsprintf*", leads_to_abort},
    {"__vsnprintf*", leads_to_abort},
    {"__vswprintf*", leads_to_abort},
    {"__printf_buffer*", leads_to_abort},
    {"outstring*", leads_to_abort},
    {"tcache_*", leads_to_abort},
    {"__stack_chk_fail*", leads_to_abort},
    {"__fortify_fail*", leads_to_abort},
    {"__assert*", leads_to_abort},
    {"_Unwind_*", unwinds},
    {"__gxx_*", unwinds},
    {"unwind_stop*", unwinds},
    {"__pthread_*", unwinds},
    {"__do_cancel*", unwinds},
    {"sigcancel_*", unwinds},
    {"__GI___pthread_*", unwinds},
    {"uw_*", unwinds},
};

constexpr bool matches(std::string_view pattern, std::string_view name) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
}

}  // namespace

bool is_c_function(std::string_view name, CFunction meaning) {
    name = name.substr(0, name.find('.'));
    // What raises signals does so for abort(), and the checked functions of -D_FORTIFY_SOURCE end in it.
    unsigned wanted = meaning == leads_to_abort ? leads_to_abort | raises_signals : unsigned{meaning};
    if (meaning == leads_to_abort && name.starts_with("__") && name.ends_with("_chk")) return true;
    return std::ranges::any_of(rows, [&](const Row& row) { return (row.meanings & wanted) != 0 && matches(row.name, name); });
}

}  // namespace abiscope::rules
