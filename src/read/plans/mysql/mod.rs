<<<<<<< HEAD
//! Plans of MySQL and MariaDB, in all the forms that both print.

pub mod access;
=======
//! Plans of MySQL and MariaDB: what their forms share. The forms themselves are one file each.

pub mod masking;
pub mod operation;
pub mod scan;
>>>>>>> 879d0927e9760afca55d249a7292ec69f9f45d44
