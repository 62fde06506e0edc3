import { processor } from 'millrace';

export default processor({ process() {} });
