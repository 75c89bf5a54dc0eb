#include "loader/errno_names.h"

#include <algorithm>

namespace abiscope::loader {

namespace {

struct Row {
    int number;
    std::string_view name;
    std::string_view glibc;   // strerror() of glibc 2.36, C locale
    std::string_view musl;    // strerror() of musl 1.2.3
};

// Numbers: include/uapi/asm-generic/errno*.h of Linux. MIPS numbers those above 34 in its own way; abiscope keeps to these inside.
constexpr Row rows[] = {
    {1, "EPERM", "Operation not permitted", "Operation not permitted"},
    {2, "ENOENT", "No such file or directory", "No such file or directory"},
    {3, "ESRCH", "No such process", "No such process"},
    {4, "EINTR", "Interrupted system call", "Interrupted system call"},
    {5, "EIO", "Input/output error", "I/O error"},
    {6, "ENXIO", "No such device or address", "No such device or address"},
    {7, "E2BIG", "Argument list too long", "Argument list too long"},
    {8, "ENOEXEC", "Exec format error", "Exec format error"},
    {9, "EBADF", "Bad file descriptor", "Bad file descriptor"},
    {10, "ECHILD", "No child processes", "No child process"},
    {11, "EAGAIN", "Resource temporarily unavailable", "Resource temporarily unavailable"},
    {12, "ENOMEM", "Cannot allocate memory", "Out of memory"},
    {13, "EACCES", "Permission denied", "Permission denied"},
    {14, "EFAULT", "Bad address", "Bad address"},
    {15, "ENOTBLK", "Block device required", "Block device required"},
    {16, "EBUSY", "Device or resource busy", "Resource busy"},
    {17, "EEXIST", "File exists", "File exists"},
    {18, "EXDEV", "Invalid cross-device link", "Cross-device link"},
    {19, "ENODEV", "No such device", "No such device"},
    {20, "ENOTDIR", "Not a directory", "Not a directory"},
    {21, "EISDIR", "Is a directory", "Is a directory"},
    {22, "EINVAL", "Invalid argument", "Invalid argument"},
    {23, "ENFILE", "Too many open files in system", "Too many open files in system"},
    {24, "EMFILE", "Too many open files", "No file descriptors available"},
    {25, "ENOTTY", "Inappropriate ioctl for device", "Not a tty"},
    {26, "ETXTBSY", "Text file busy", "Text file busy"},
    {27, "EFBIG", "File too large", "File too large"},
    {28, "ENOSPC", "No space left on device", "No space left on device"},
    {29, "ESPIPE", "Illegal seek", "Invalid seek"},
    {30, "EROFS", "Read-only file system", "Read-only file system"},
    {31, "EMLINK", "Too many links", "Too many links"},
    {32, "EPIPE", "Broken pipe", "Broken pipe"},
    {33, "EDOM", "Numerical argument out of domain", "Domain error"},
    {34, "ERANGE", "Numerical result out of range", "Result not representable"},
    {35, "EDEADLK", "Resource deadlock avoided", "Resource deadlock would occur"},
    {36, "ENAMETOOLONG", "File name too long", "Filename too long"},
    {37, "ENOLCK", "No locks available", "No locks available"},
    {38, "ENOSYS", "Function not implemented", "Function not implemented"},
    {39, "ENOTEMPTY", "Directory not empty", "Directory not empty"},
    {40, "ELOOP", "Too many levels of symbolic links", "Symbolic link loop"},
    {42, "ENOMSG", "No message of desired type", "No message of desired type"},
    {43, "EIDRM", "Identifier removed", "Identifier removed"},
    {44, "ECHRNG", "Channel number out of range", "No error information"},
    {45, "EL2NSYNC", "Level 2 not synchronized", "No error information"},
    {46, "EL3HLT", "Level 3 halted", "No error information"},
    {47, "EL3RST", "Level 3 reset", "No error information"},
    {48, "ELNRNG", "Link number out of range", "No error information"},
    {49, "EUNATCH", "Protocol driver not attached", "No error information"},
    {50, "ENOCSI", "No CSI structure available", "No error information"},
    {51, "EL2HLT", "Level 2 halted", "No error information"},
    {52, "EBADE", "Invalid exchange", "No error information"},
    {53, "EBADR", "Invalid request descriptor", "No error information"},
    {54, "EXFULL", "Exchange full", "No error information"},
    {55, "ENOANO", "No anode", "No error information"},
    {56, "EBADRQC", "Invalid request code", "No error information"},
    {57, "EBADSLT", "Invalid slot", "No error information"},
    {59, "EBFONT", "Bad font file format", "No error information"},
    {60, "ENOSTR", "Device not a stream", "Device not a stream"},
    {61, "ENODATA", "No data available", "No data available"},
    {62, "ETIME", "Timer expired", "Device timeout"},
    {63, "ENOSR", "Out of streams resources", "Out of streams resources"},
    {64, "ENONET", "Machine is not on the network", "No error information"},
    {65, "ENOPKG", "Package not installed", "No error information"},
    {66, "EREMOTE", "Object is remote", "No error information"},
    {67, "ENOLINK", "Link has been severed", "Link has been severed"},
    {68, "EADV", "Advertise error", "No error information"},
    {69, "ESRMNT", "Srmount error", "No error information"},
    {70, "ECOMM", "Communication error on send", "No error information"},
    {71, "EPROTO", "Protocol error", "Protocol error"},
    {72, "EMULTIHOP", "Multihop attempted", "Multihop attempted"},
    {73, "EDOTDOT", "RFS specific error", "No error information"},
    {74, "EBADMSG", "Bad message", "Bad message"},
    {75, "EOVERFLOW", "Value too large for defined data type", "Value too large for data type"},
    {76, "ENOTUNIQ", "Name not unique on network", "No error information"},
    {77, "EBADFD", "File descriptor in bad state", "File descriptor in bad state"},
    {78, "EREMCHG", "Remote address changed", "No error information"},
    {79, "ELIBACC", "Can not access a needed shared library", "No error information"},
    {80, "ELIBBAD", "Accessing a corrupted shared library", "No error information"},
    {81, "ELIBSCN", ".lib section in a.out corrupted", "No error information"},
    {82, "ELIBMAX", "Attempting to link in too many shared libraries", "No error information"},
    {83, "ELIBEXEC", "Cannot exec a shared library directly", "No error information"},
    {84, "EILSEQ", "Invalid or incomplete multibyte or wide character", "Illegal byte sequence"},
    {85, "ERESTART", "Interrupted system call should be restarted", "No error information"},
    {86, "ESTRPIPE", "Streams pipe error", "No error information"},
    {87, "EUSERS", "Too many users", "No error information"},
    {88, "ENOTSOCK", "Socket operation on non-socket", "Not a socket"},
    {89, "EDESTADDRREQ", "Destination address required", "Destination address required"},
    {90, "EMSGSIZE", "Message too long", "Message too large"},
    {91, "EPROTOTYPE", "Protocol wrong type for socket", "Protocol wrong type for socket"},
    {92, "ENOPROTOOPT", "Protocol not available", "Protocol not available"},
    {93, "EPROTONOSUPPORT", "Protocol not supported", "Protocol not supported"},
    {94, "ESOCKTNOSUPPORT", "Socket type not supported", "Socket type not supported"},
    {95, "ENOTSUP", "Operation not supported", "Not supported"},
    {96, "EPFNOSUPPORT", "Protocol family not supported", "Protocol family not supported"},
    {97, "EAFNOSUPPORT", "Address family not supported by protocol", "Address family not supported by protocol"},
    {98, "EADDRINUSE", "Address already in use", "Address in use"},
    {99, "EADDRNOTAVAIL", "Cannot assign requested address", "Address not available"},
    {100, "ENETDOWN", "Network is down", "Network is down"},
    {101, "ENETUNREACH", "Network is unreachable", "Network unreachable"},
    {102, "ENETRESET", "Network dropped connection on reset", "Connection reset by network"},
    {103, "ECONNABORTED", "Software caused connection abort", "Connection aborted"},
    {104, "ECONNRESET", "Connection reset by peer", "Connection reset by peer"},
    {105, "ENOBUFS", "No buffer space available", "No buffer space available"},
    {106, "EISCONN", "Transport endpoint is already connected", "Socket is connected"},
    {107, "ENOTCONN", "Transport endpoint is not connected", "Socket not connected"},
    {108, "ESHUTDOWN", "Cannot send after transport endpoint shutdown", "Cannot send after socket shutdown"},
    {109, "ETOOMANYREFS", "Too many references: cannot splice", "No error information"},
    {110, "ETIMEDOUT", "Connection timed out", "Operation timed out"},
    {111, "ECONNREFUSED", "Connection refused", "Connection refused"},
    {112, "EHOSTDOWN", "Host is down", "Host is down"},
    {113, "EHOSTUNREACH", "No route to host", "Host is unreachable"},
    {114, "EALREADY", "Operation already in progress", "Operation already in progress"},
    {115, "EINPROGRESS", "Operation now in progress", "Operation in progress"},
    {116, "ESTALE", "Stale file handle", "Stale file handle"},
    {117, "EUCLEAN", "Structure needs cleaning", "No error information"},
    {118, "ENOTNAM", "Not a XENIX named type file", "No error information"},
    {119, "ENAVAIL", "No XENIX semaphores available", "No error information"},
    {120, "EISNAM", "Is a named type file", "No error information"},
    {121, "EREMOTEIO", "Remote I/O error", "Remote I/O error"},
    {122, "EDQUOT", "Disk quota exceeded", "Quota exceeded"},
    {123, "ENOMEDIUM", "No medium found", "No medium found"},
    {124, "EMEDIUMTYPE", "Wrong medium type", "Wrong medium type"},
    {125, "ECANCELED", "Operation canceled", "Operation canceled"},
    {126, "ENOKEY", "Required key not available", "Required key not available"},
    {127, "EKEYEXPIRED", "Key has expired", "Key has expired"},
    {128, "EKEYREVOKED", "Key has been revoked", "Key has been revoked"},
    {129, "EKEYREJECTED", "Key was rejected by service", "Key was rejected by service"},
    {130, "EOWNERDEAD", "Owner died", "Previous owner died"},
    {131, "ENOTRECOVERABLE", "State not recoverable", "State not recoverable"},
    {132, "ERFKILL", "Operation not possible due to RF-kill", "No error information"},
};

const Row* find(int error) {
    const auto* row = std::ranges::lower_bound(rows, error, {}, &Row::number);
    return row != std::end(rows) && row->number == error ? row : nullptr;
}

}  // namespace

std::string errno_name(int error) {
    const Row* row = find(error);
    return row != nullptr ? std::string(row->name) : std::to_string(error);
}

std::string errno_text(int error, target::LibcKind libc) {
    const Row* row = find(error);
    if (libc == target::LibcKind::musl) return std::string(row != nullptr ? row->musl : "No error information");
    return row != nullptr ? std::string(row->glibc) : "Unknown error " + std::to_string(error);
}

}  // namespace abiscope::loader
