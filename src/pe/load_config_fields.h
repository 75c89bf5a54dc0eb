// IMAGE_LOAD_CONFIG_DIRECTORY32 and 64 of winnt.h as one list: the structure grew with every Windows, and an image holds as much of it
// as its linker knew.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace abiscope::pe {

enum class LoadConfigField : std::uint8_t {
    size,
    timestamp,
    major_version,
    minor_version,
    global_flags_clear,
    global_flags_set,
    critical_section_default_timeout,
    decommit_free_block_threshold,
    decommit_total_free_threshold,
    lock_prefix_table,
    maximum_allocation_size,
    virtual_memory_threshold,
    process_affinity_mask,
    process_heap_flags,
    csd_version,
    dependent_load_flags,
    edit_list,
    security_cookie,
    se_handler_table,
    se_handler_count,
    guard_cf_check_function_pointer,
    guard_cf_dispatch_function_pointer,
    guard_cf_function_table,
    guard_cf_function_count,
    guard_flags,
    code_integrity_flags,
    code_integrity_catalog,
    code_integrity_catalog_offset,
    code_integrity_reserved,
    guard_address_taken_iat_table,
    guard_address_taken_iat_count,
    guard_long_jump_table,
    guard_long_jump_count,
    dynamic_value_reloc_table,
    chpe_metadata_pointer,
    guard_rf_failure_routine,
    guard_rf_failure_routine_pointer,
    dynamic_value_reloc_table_offset,
    dynamic_value_reloc_table_section,
    reserved2,
    guard_rf_verify_stack_pointer,
    hot_patch_table_offset,
    reserved3,
    enclave_configuration_pointer,
    volatile_metadata_pointer,
    guard_eh_continuation_table,
    guard_eh_continuation_count,
    guard_xfg_check_function_pointer,
    guard_xfg_dispatch_function_pointer,
    guard_xfg_table_dispatch_function_pointer,
    cast_guard_failure_mode,
    guard_memcpy_function_pointer,
    uma_function_pointers,
};

// Offsets and widths in bytes, for PE32 and PE32+.
struct LoadConfigLayout {
    LoadConfigField field;
    std::string_view name;
    std::uint16_t offset32;
    std::uint8_t width32;
    std::uint16_t offset64;
    std::uint8_t width64;
};

inline constexpr auto load_config_fields = std::to_array<LoadConfigLayout>({
    {LoadConfigField::size, "Size", 0, 4, 0, 4},
    {LoadConfigField::timestamp, "TimeDateStamp", 4, 4, 4, 4},
    {LoadConfigField::major_version, "MajorVersion", 8, 2, 8, 2},
    {LoadConfigField::minor_version, "MinorVersion", 10, 2, 10, 2},
    {LoadConfigField::global_flags_clear, "GlobalFlagsClear", 12, 4, 12, 4},
    {LoadConfigField::global_flags_set, "GlobalFlagsSet", 16, 4, 16, 4},
    {LoadConfigField::critical_section_default_timeout, "CriticalSectionDefaultTimeout", 20, 4, 20, 4},
    {LoadConfigField::decommit_free_block_threshold, "DeCommitFreeBlockThreshold", 24, 4, 24, 8},
    {LoadConfigField::decommit_total_free_threshold, "DeCommitTotalFreeThreshold", 28, 4, 32, 8},
    {LoadConfigField::lock_prefix_table, "LockPrefixTable", 32, 4, 40, 8},
    {LoadConfigField::maximum_allocation_size, "MaximumAllocationSize", 36, 4, 48, 8},
    {LoadConfigField::virtual_memory_threshold, "VirtualMemoryThreshold", 40, 4, 56, 8},
    {LoadConfigField::process_affinity_mask, "ProcessAffinityMask", 48, 4, 64, 8},
    {LoadConfigField::process_heap_flags, "ProcessHeapFlags", 44, 4, 72, 4},
    {LoadConfigField::csd_version, "CSDVersion", 52, 2, 76, 2},
    {LoadConfigField::dependent_load_flags, "DependentLoadFlags", 54, 2, 78, 2},
    {LoadConfigField::edit_list, "EditList", 56, 4, 80, 8},
    {LoadConfigField::security_cookie, "SecurityCookie", 60, 4, 88, 8},
    {LoadConfigField::se_handler_table, "SEHandlerTable", 64, 4, 96, 8},
    {LoadConfigField::se_handler_count, "SEHandlerCount", 68, 4, 104, 8},
    {LoadConfigField::guard_cf_check_function_pointer, "GuardCFCheckFunctionPointer", 72, 4, 112, 8},
    {LoadConfigField::guard_cf_dispatch_function_pointer, "GuardCFDispatchFunctionPointer", 76, 4, 120, 8},
    {LoadConfigField::guard_cf_function_table, "GuardCFFunctionTable", 80, 4, 128, 8},
    {LoadConfigField::guard_cf_function_count, "GuardCFFunctionCount", 84, 4, 136, 8},
    {LoadConfigField::guard_flags, "GuardFlags", 88, 4, 144, 4},
    {LoadConfigField::code_integrity_flags, "CodeIntegrity.Flags", 92, 2, 148, 2},
    {LoadConfigField::code_integrity_catalog, "CodeIntegrity.Catalog", 94, 2, 150, 2},
    {LoadConfigField::code_integrity_catalog_offset, "CodeIntegrity.CatalogOffset", 96, 4, 152, 4},
    {LoadConfigField::code_integrity_reserved, "CodeIntegrity.Reserved", 100, 4, 156, 4},
    {LoadConfigField::guard_address_taken_iat_table, "GuardAddressTakenIatEntryTable", 104, 4, 160, 8},
    {LoadConfigField::guard_address_taken_iat_count, "GuardAddressTakenIatEntryCount", 108, 4, 168, 8},
    {LoadConfigField::guard_long_jump_table, "GuardLongJumpTargetTable", 112, 4, 176, 8},
    {LoadConfigField::guard_long_jump_count, "GuardLongJumpTargetCount", 116, 4, 184, 8},
    {LoadConfigField::dynamic_value_reloc_table, "DynamicValueRelocTable", 120, 4, 192, 8},
    {LoadConfigField::chpe_metadata_pointer, "CHPEMetadataPointer", 124, 4, 200, 8},
    {LoadConfigField::guard_rf_failure_routine, "GuardRFFailureRoutine", 128, 4, 208, 8},
    {LoadConfigField::guard_rf_failure_routine_pointer, "GuardRFFailureRoutineFunctionPointer", 132, 4, 216, 8},
    {LoadConfigField::dynamic_value_reloc_table_offset, "DynamicValueRelocTableOffset", 136, 4, 224, 4},
    {LoadConfigField::dynamic_value_reloc_table_section, "DynamicValueRelocTableSection", 140, 2, 228, 2},
    {LoadConfigField::reserved2, "Reserved2", 142, 2, 230, 2},
    {LoadConfigField::guard_rf_verify_stack_pointer, "GuardRFVerifyStackPointerFunctionPointer", 144, 4, 232, 8},
    {LoadConfigField::hot_patch_table_offset, "HotPatchTableOffset", 148, 4, 240, 4},
    {LoadConfigField::reserved3, "Reserved3", 152, 4, 244, 4},
    {LoadConfigField::enclave_configuration_pointer, "EnclaveConfigurationPointer", 156, 4, 248, 8},
    {LoadConfigField::volatile_metadata_pointer, "VolatileMetadataPointer", 160, 4, 256, 8},
    {LoadConfigField::guard_eh_continuation_table, "GuardEHContinuationTable", 164, 4, 264, 8},
    {LoadConfigField::guard_eh_continuation_count, "GuardEHContinuationCount", 168, 4, 272, 8},
    {LoadConfigField::guard_xfg_check_function_pointer, "GuardXFGCheckFunctionPointer", 172, 4, 280, 8},
    {LoadConfigField::guard_xfg_dispatch_function_pointer, "GuardXFGDispatchFunctionPointer", 176, 4, 288, 8},
    {LoadConfigField::guard_xfg_table_dispatch_function_pointer, "GuardXFGTableDispatchFunctionPointer", 180, 4, 296, 8},
    {LoadConfigField::cast_guard_failure_mode, "CastGuardOsDeterminedFailureMode", 184, 4, 304, 8},
    {LoadConfigField::guard_memcpy_function_pointer, "GuardMemcpyFunctionPointer", 188, 4, 312, 8},
    {LoadConfigField::uma_function_pointers, "UmaFunctionPointers", 192, 4, 320, 8},
});

}  // namespace abiscope::pe
