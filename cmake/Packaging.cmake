# Packages: cmake --build build/release --target package
install(FILES README.md CHANGELOG.md DESTINATION share/doc/graphrag)
install(DIRECTORY docs/ DESTINATION share/doc/graphrag/docs)
install(DIRECTORY examples/ DESTINATION share/doc/graphrag/examples)

install(FILES deploy/graphrag.yaml DESTINATION share/doc/graphrag)
install(FILES deploy/debian/graphrag.service DESTINATION lib/systemd/system)
install(FILES LICENSE DESTINATION share/doc/graphrag RENAME copyright OPTIONAL)

set(CPACK_PACKAGE_NAME graphrag)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Self-hosted GraphRAG knowledge base")
set(CPACK_PACKAGE_CONTACT "graphrag maintainers <maintainers@graphrag.example>")
set(CPACK_PACKAGE_VENDOR "graphrag")
set(CPACK_STRIP_FILES ON)
# The packages hold the same whatever the umask of who makes them.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_GENERATOR TGZ)

# Which libraries a .deb depends on is asked of dpkg-shlibdeps; a list by hand would rot. poppler-data
# is opened at run time, for PDFs whose Chinese, Japanese or Korean fonts are not embedded.
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
  list(APPEND CPACK_GENERATOR DEB)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION net)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "poppler-data")
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "https://graphrag.example")
endif()
set(CPACK_ARCHIVE_FILE_NAME
    "${CPACK_PACKAGE_NAME}-${CPACK_PACKAGE_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
include(CPack)
