# abiscope_room(NAME [USES room...] [LINKS library...] [LOADS LIBRARY...] [PRECOMPILES header...]): one static library per folder of src/,
# every .cc in it included.
# Of what it LOADS when needed, a room has LIBRARY_INCLUDE_DIRS and, as the text ABISCOPE_LIBRARY, LIBRARY_SONAME.
# abiscope_room(NAME MODULE SOURCES file... ...): the same as a module that the program loads when it needs it; it is linked into nothing,
# and has no part of a room it uses but that room's headers and the SOURCES named.
# The allowed arrows between rooms are written in src/CMakeLists.txt and checked against the #includes by tools/check_arrows.py.

option(ABISCOPE_PRECOMPILE "Read the standard library's headers once a target instead of once a file: for builds from nothing" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
    if(ABISCOPE_PRECOMPILE)
        # Otherwise nothing that uses a precompiled header is kept (ccache's manual, "Precompiled headers").
        list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros")
    endif()
endif()

# abiscope_precompile(TARGET HEADER...): those, and what nearly every file includes.
# abiscope_precompile(TARGET SHARED NAME HEADER...): once for all targets that say NAME, which must be compiled with the same flags.
function(abiscope_precompile target)
    if(NOT ABISCOPE_PRECOMPILE)
        return()
    endif()
    cmake_parse_arguments(PRECOMPILE "" "SHARED" "" ${ARGN})
    if(PRECOMPILE_SHARED)
        get_property(owner GLOBAL PROPERTY "abiscope_precompiled_${PRECOMPILE_SHARED}")
        if(owner)
            target_precompile_headers(${target} REUSE_FROM ${owner})
            return()
        endif()
        set_property(GLOBAL PROPERTY "abiscope_precompiled_${PRECOMPILE_SHARED}" ${target})
    endif()
    target_precompile_headers(${target} PRIVATE <algorithm> <expected> <functional> <map> <memory> <optional> <span> <string>
        <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h> ${PRECOMPILE_UNPARSED_ARGUMENTS})
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()

# abiscope_rooms is filled as the rooms are declared: a program that links it has the whole house.
add_library(abiscope_rooms INTERFACE)

add_library(abiscope_flags INTERFACE)
target_compile_options(abiscope_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
    # ABISCOPE_TRY and designated initialisers leave members to their defaults on purpose.
    -Wno-missing-field-initializers
    -fno-omit-frame-pointer
    # g++ 12 sees overlapping copies in the standard library's own `const char* + std::string` (GCC bug 105651), once it optimises.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
target_include_directories(abiscope_flags INTERFACE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_BINARY_DIR}/generated")
target_compile_definitions(abiscope_flags INTERFACE "ABISCOPE_VERSION=\"${PROJECT_VERSION}\"")
if(ABISCOPE_SANITIZE)
    target_compile_options(abiscope_flags INTERFACE "-fsanitize=${ABISCOPE_SANITIZE}" -fno-sanitize-recover=all)
    # AddressSanitizer reports these as well, and without them the tests compile in two thirds of the time.
    if(NOT ABISCOPE_FUZZ)
        target_compile_options(abiscope_flags INTERFACE -fno-sanitize=null,object-size,vptr)
    endif()
    target_link_options(abiscope_flags INTERFACE "-fsanitize=${ABISCOPE_SANITIZE}")
endif()
if(ABISCOPE_FUZZ)
    target_compile_options(abiscope_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(abiscope_room name)
    cmake_parse_arguments(ROOM "MODULE" "" "USES;LINKS;LOADS;GENERATED;SOURCES;PRECOMPILES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cc")
    # main.cc belongs to the program alone: a room is linked into the tests too.
    list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
    list(APPEND sources ${ROOM_GENERATED} ${ROOM_SOURCES})
    if(ROOM_MODULE)
        add_library(abiscope_${name} MODULE ${sources})
        target_link_libraries(abiscope_${name} PRIVATE abiscope_flags ${ROOM_LINKS})
        abiscope_precompile(abiscope_${name} ${ROOM_PRECOMPILES})
        set_target_properties(abiscope_${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
        add_dependencies(abiscope_rooms abiscope_${name})
        return()
    endif()
    if(sources)
        add_library(abiscope_${name} STATIC ${sources})
        abiscope_precompile(abiscope_${name} ${ROOM_PRECOMPILES})
        set(visibility PUBLIC)
    else()
        add_library(abiscope_${name} INTERFACE)
        set(visibility INTERFACE)
    endif()
    target_link_libraries(abiscope_${name} ${visibility} abiscope_flags)
    foreach(other IN LISTS ROOM_USES)
        target_link_libraries(abiscope_${name} ${visibility} abiscope_${other})
    endforeach()
    if(ROOM_LINKS)
        target_link_libraries(abiscope_${name} ${visibility} ${ROOM_LINKS})
    endif()
    foreach(library IN LISTS ROOM_LOADS)
        target_include_directories(abiscope_${name} SYSTEM PRIVATE ${${library}_INCLUDE_DIRS})
        target_compile_definitions(abiscope_${name} PRIVATE "ABISCOPE_${library}=\"${${library}_SONAME}\"")
    endforeach()
    target_link_libraries(abiscope_rooms INTERFACE abiscope_${name})
endfunction()
